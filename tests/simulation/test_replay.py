"""Scripts of the journal: run, they make the same calls; read, they tell no secret."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.simulation.exchange import Answer, Exchange
from metersim.simulation.journal import Bounds
from metersim.simulation.replay import curl_script, pytest_script
from tests.simulation.exchanges import USAGE, asked, journal, numbered, posted

ENVIRONMENT = {
    "METERSIM_URL": "http://localhost:1/",
    "MONK_TOKEN": "a '$secret\"",
    "MONK_BASIC": "dTpw",
}
# What httpx says of itself.
OWN = {"accept", "accept-encoding", "connection", "content-length", "host", "user-agent"}
# Instead of calling anyone, tells its arguments and what is piped to it.
TELLING = """\
curl() {
  for word in "$@"; do printf '%s\\0' "$word"; done
  case "$*" in *'--data-binary @-') base64 | tr -d '\\n'; printf '\\0' ;; esac
  printf '\\0\\0'
}
"""


class Asked(NamedTuple):
    """A request, as whoever was asked sees it."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


def by_curl(script: str) -> list[Asked]:
    """The requests that the script has curl make."""
    done = shell(script, ENVIRONMENT)
    assert (done.returncode, done.stderr) == (0, b"")
    return [understood(call.split("\0")) for call in done.stdout.decode().split("\0\0\0")[:-1]]


def shell(script: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    """Run a script, which is too long for an argument, by whatever `sh` is here."""
    path = {"PATH": "/usr/bin:/bin"}
    command = (TELLING + script).encode()
    return subprocess.run(
        ["sh"], input=command, env={**environment, **path}, capture_output=True, check=False
    )


def understood(words: list[str]) -> Asked:
    """What curl's manual says that these arguments mean."""
    method, url, body, headers = "", "", b"", {}
    given = iter(words[5:])
    assert words[:5] == ["--silent", "--show-error", "--include", "--globoff", "--path-as-is"]
    for word in given:
        match word:
            case "--head":
                method = "HEAD"
            case "--request":
                method = next(given)
            case "--url":
                url = next(given)
            case "--data-raw":
                body = next(given).encode()
            case "--data-binary":
                assert next(given) == "@-"
                body = base64.b64decode(next(given))
            case _:
                assert word == "--header"
                header = next(given)
                name, colon, value = header.partition(": ")
                if colon:
                    headers[name] = value
                elif header.endswith(";"):
                    headers[header[:-1]] = ""
                else:
                    assert header == "content-type:"
    return Asked(method, url, headers, body)


def by_pytest(script: str, status: int = 200) -> list[Asked]:
    """The requests that the script's test makes, each of which is answered with the status."""
    seen: list[Asked] = []

    def answer(request: httpx.Request) -> httpx.Response:
        headers = {name: value for name, value in request.headers.items() if name not in OWN}
        seen.append(Asked(request.method, str(request.url), headers, request.content))
        return httpx.Response(status)

    module: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        client = httpx.Client(transport=httpx.MockTransport(answer))
        patch.setattr(httpx, "Client", lambda: client)
        exec(compile(script, "script", "exec"), module)
        module["test_each_call_gets_the_status_that_it_got_then"]()
    return seen


texts = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"])).map(str.strip)
bodies = st.binary(max_size=40) | st.text(max_size=40).map(str.encode)
calls = st.builds(
    lambda method, path, body, name, value: asked(
        method,
        "/v1/" + path,
        query="a=1&token=abc&b=[x]&c=%20",
        headers={"authorization": "Bearer abc", name: value, "x-empty": ""},
        body=b"" if method == "HEAD" else body,
    ),
    st.sampled_from(["GET", "POST", "HEAD", "PATCH"]),
    st.text("abz019-_.~%'\"$`\\!;&(){}[]*^|<>@ ", max_size=12),
    bodies,
    st.sampled_from(["x-given", "content-type"]),
    texts,
)


@settings(max_examples=20)
@given(exchanges=st.lists(calls, min_size=1, max_size=3))
def test_a_shell_hands_curl_the_calls_as_they_were(exchanges: list[Exchange]) -> None:
    expected = [
        Asked(
            each.request.method,
            f"http://localhost:1/monk{each.request.path}"
            f"?a=1&token={ENVIRONMENT['MONK_TOKEN']}&b=[x]&c=%20",
            {**each.request.headers, "authorization": f"Bearer {ENVIRONMENT['MONK_TOKEN']}"},
            each.request.body or b"",
        )
        for each in exchanges
    ]
    assert by_curl(curl_script(journal(*exchanges))) == expected


@settings(max_examples=40)
@given(body=bodies, value=st.text("abz '\"\\{}$#", max_size=9).map(str.strip))
def test_the_test_makes_the_calls_as_they_were(body: bytes, value: str) -> None:
    headers = {"authorization": "Bearer abc", "x-given": value}
    exchange = posted(body, **headers)
    secret = {"authorization": f"Bearer {ENVIRONMENT['MONK_TOKEN']}"}
    expected = Asked("POST", "http://localhost:1/monk/v1/ingest", headers | secret, body)
    assert by_pytest(pytest_script(journal(exchange, exchange))) == [expected, expected]


def test_the_test_fails_where_a_call_gets_another_status() -> None:
    script = pytest_script(journal(replace(USAGE, answer=Answer(404))))
    assert len(by_pytest(script, status=404)) == 1
    with pytest.raises(AssertionError):
        by_pytest(script, status=200)


def test_what_a_fault_did_is_not_expected_again() -> None:
    faulty = [numbered(1, fault="EMPTY_RESPONSE", answer=None), numbered(2, fault="503")]
    script = pytest_script(journal(*faulty))
    assert "assert" not in script
    assert len(by_pytest(script, status=418)) == 2
    assert "# Call 1, answered with any status" in curl_script(journal(*faulty))


@pytest.mark.parametrize("large", [b"a" * 199_999, b"a'\n" * 60_000])
def test_a_body_too_large_for_an_argument_is_piped(large: bytes) -> None:
    (found,) = by_curl(curl_script(journal(posted(large))))
    assert found.body == large


def test_a_call_of_whose_body_not_all_was_kept_is_left_out_and_named() -> None:
    kept = journal(USAGE, posted(b"a" * 9), bounds=Bounds(body=8))
    assert [call.method for call in by_curl(curl_script(kept))] == ["GET"]
    assert [call.method for call in by_pytest(pytest_script(kept))] == ["GET"]
    for script in (curl_script(kept), pytest_script(kept)):
        assert "# Left out: call 2, of whose body not all was kept" in script


def test_a_script_of_nothing_does_nothing() -> None:
    assert by_curl(curl_script([])) == []
    assert by_pytest(pytest_script([])) == []


def test_each_vendor_has_a_secret_of_its_own_and_a_password_is_another() -> None:
    basic = asked(headers={"authorization": "Basic abc"})
    other = replace(USAGE, vendor="acme-2")
    nobody = replace(USAGE, vendor=None)
    script = curl_script(journal(basic, other, nobody))
    for name in ("MONK_BASIC", "ACME_2_TOKEN", "METERSIM_TOKEN"):
        assert f': "${{{name}:?a secret of that vendor}}"' in script
        assert f"{name} = os.environ[" in pytest_script(journal(basic, other, nobody))
    assert "MONK_TOKEN" not in script


def test_what_a_client_makes_up_by_itself_is_not_replayed() -> None:
    made_up = {"host": "h", "content-length": "1", "cookie": "a=b", "@/etc/passwd": "x"}
    (found,) = by_curl(curl_script(journal(asked(headers=made_up | {"accept": "*/*"}))))
    assert found.headers == {"accept": "*/*"}


def test_a_missing_secret_stops_the_shell_before_any_call() -> None:
    done = shell(curl_script(journal(USAGE)), {"METERSIM_URL": "http://localhost:1"})
    assert (done.returncode != 0, done.stdout) == (True, b"")
    assert b"MONK_TOKEN" in done.stderr
