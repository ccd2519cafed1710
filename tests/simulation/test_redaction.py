"""Secrets: they are gone before anything is kept, wherever a call or an answer brings them."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.simulation import logged
from metersim.simulation.comparing import write_json
from metersim.simulation.exchange import Answer, Exchange
from metersim.simulation.har import har
from metersim.simulation.journal import Bounds
from metersim.simulation.matching import Pattern
from metersim.simulation.redaction import MARKER, Redaction, redaction_for
from metersim.simulation.replay import curl_script, pytest_script
from metersim.validation import Violation
from tests.contract.documents import ASSUMED, changed
from tests.simulation.exchanges import USAGE, asked, journal, posted
from tests.simulation.parcels import parcels

REDACTION = Redaction()


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("Authorization", "Bearer metersim-token", "Bearer [redacted]"),
        ("authorization", "basic dXNlcjpwYXNz", "basic [redacted]"),
        ("authorization", "metersim-token", "[redacted]"),
        ("authorization", "half-a-secret another-half", "[redacted]"),
        ("Proxy-Authorization", "Digest username=x", "Digest [redacted]"),
        ("Cookie", "a=b; c=d", "[redacted]"),
        ("Set-Cookie", "a=b; Path=/", "[redacted]"),
        *((name, "k", "[redacted]") for name in ("X-API-Key", "API-Key", "X-Auth-Token")),
        ("x-mkio-token", "k", "[redacted]"),
        ("Location", "/next?token=k&page=2", "/next?token=[redacted]&page=2"),
        ("Accept", "token", "token"),
    ],
)
def test_of_a_secret_header_only_the_scheme_is_kept(name: str, value: str, kept: str) -> None:
    assert REDACTION.of_headers({name: value}) == {name.lower(): kept}


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("/a", "/a"),
        ("/a?", "/a?"),
        ("/token=1", "/token=1"),
        ("/a?b=1&token=x&c", "/a?b=1&token=[redacted]&c"),
        ("/a?API_key=x&%74oken=y", "/a?API_key=[redacted]&%74oken=[redacted]"),
        ("/a?token", "/a?token"),
        ("/a?next_page_token=x&tokens=y", "/a?next_page_token=x&tokens=y"),
    ],
)
def test_of_a_url_all_is_kept_but_secret_values(url: str, kept: str) -> None:
    assert REDACTION.of_url(url) == kept


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b'{"password": "x", "n": 1.50}', b'{"password": "[redacted]", "n": 1.50}'),
        (b'{"a":{"Password":"x\\"y\\\\"}}', b'{"a":{"Password":"[redacted]"}}'),
        (b'[{"password":1},{"password" :null}]', None),
        (b'{"password": "cut off', b'{"password": "[redacted]"'),
        (b'{"password": "cut off\\', b'{"password": "[redacted]"'),
        (b'{"passwords": "x", "a": "password"}', b'{"passwords": "x", "a": "password"}'),
        (b"\xff\x00", b"\xff\x00"),
    ],
)
def test_of_a_body_all_is_kept_as_it_was_spelt_but_secret_values(
    body: bytes, kept: bytes | None
) -> None:
    expected = b'[{"password":"[redacted]"},{"password" :"[redacted]"}]' if kept is None else kept
    assert REDACTION.of_body(body) == expected


def test_names_can_be_added_for_a_vendor_with_a_header_of_its_own() -> None:
    redaction = Redaction(headers=REDACTION.headers | {"x-acme"}, keys=frozenset({"pin"}))
    assert redaction.of_headers({"X-Acme": "k"}) == {"x-acme": MARKER}
    assert redaction.of_body(b'{"pin": 1}') == b'{"pin": "[redacted]"}'


def test_a_violation_of_a_secret_does_not_tell_what_was_found() -> None:
    secret = Violation(("query", "token"), 'found "s3cret"')
    plain = Violation(("query", "from"), 'found "x"')
    assert REDACTION.of_violation(secret) == Violation(("query", "token"), MARKER)
    assert REDACTION.of_violation(plain) is plain


secrets = st.text("ABCDEFabcdef0123456789+/=-_.~", min_size=12, max_size=40)
headers = st.sampled_from(sorted(REDACTION.headers))
schemes = st.sampled_from(["", "Bearer ", "Basic ", "Token ", "bearer "])


@st.composite
def with_a_secret(draw: st.DrawFn) -> tuple[str, Exchange]:
    """A secret, and an exchange that has it wherever one can be."""
    secret = draw(secrets)
    body = json.dumps(draw(st.permutations(["x" * 30, {"password": secret}, {"user": "a"}])))
    parameter = f"{draw(st.sampled_from(sorted(REDACTION.query)))}={quote(secret)}"
    request = asked(
        query=f"a=1&{parameter}",
        headers={draw(headers): draw(schemes) + secret, "referer": f"http://x/?{parameter}"},
        body=body.encode(),
    ).request
    answer = Answer(200, {"Set-Cookie": f"s={secret}", "Location": f"/?{parameter}"}, body.encode())
    violation = Violation(("query", "token"), f"found {secret}")
    return secret, replace(USAGE, request=request, answer=answer, violations=[violation])


@given(drawn=with_a_secret(), most=st.integers(0, 120))
def test_no_rendering_tells_a_secret(drawn: tuple[str, Exchange], most: int) -> None:
    secret, exchange = drawn
    kept = journal(exchange, bounds=Bounds(body=most))
    found = logged.requests(kept)
    pattern = Pattern(
        {"bodyPatterns": [{"equalTo": "y"}], "headers": {"referer": {"absent": True}}}
    )
    texts = [
        repr(list(kept)),
        curl_script(kept),
        pytest_script(kept),
        *map(write_json, [found, har(kept), logged.found(kept, Pattern({}))]),
        write_json(logged.near_misses(kept, pattern)),
        *(b64decode(each).decode() for each in encoded(found)),
    ]
    for text in texts:
        assert secret not in text
        assert quote(secret) not in text


def encoded(found: Any) -> list[str]:
    """The bodies in an answer that are spelt in base64."""
    (event,) = found["requests"]
    return [event[side]["bodyAsBase64"] for side in ("request", "response")]


def test_half_a_secret_is_one_too() -> None:
    body = b'{"password": "s3cret"}'
    for most in range(len(body) + 5):
        (entry,) = journal(posted(body), bounds=Bounds(body=most))
        assert b"s3" not in entry.request.body.content


def test_a_header_in_which_a_vendor_takes_its_secret_is_known_whatever_its_name(
    tmp_path: Path,
) -> None:
    document = changed(
        "components securitySchemes bearer",
        {"type": "apiKey", "in": "header", "name": "Parcel-Pass", **ASSUMED},
    )
    redaction = redaction_for([parcels(tmp_path, document=document)])
    told = redaction.of_headers({"Parcel-Pass": "k", "Authorization": "k", "Accept": "*/*"})
    assert told == {"parcel-pass": MARKER, "authorization": MARKER, "accept": "*/*"}
