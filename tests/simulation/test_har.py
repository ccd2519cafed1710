"""The journal as an HTTP archive: valid by the rules of HAR 1.2, and with nothing left out."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import jsonschema_rs
from hypothesis import given
from hypothesis import strategies as st

from metersim.simulation.comparing import write_json
from metersim.simulation.exchange import Answer, Exchange
from metersim.simulation.har import har
from metersim.simulation.journal import Bounds
from tests.simulation.exchanges import USAGE, journal, numbered, posted


def objects(required: str, **optional: Any) -> Any:
    """The schema of an object; ``name`` is text, ``name:kind`` of another type."""
    fields = dict(each.partition(":")[::2] for each in required.split())
    kinds = {name: {"type": kind or "string"} for name, kind in fields.items()}
    return {
        "type": "object",
        "required": list(fields),
        "properties": {**kinds, "comment": {"type": "string"}, **optional},
        # A name of one's own begins with an underscore.
        "patternProperties": {"^_": True},
        "additionalProperties": False,
    }


def lists(of: Any) -> Any:
    return {"type": "array", "items": of}


# http://www.softwareishard.com/blog/har-12-spec/
PAIRS = lists(objects("name value"))
MESSAGE = {"cookies": lists(objects("name value")), "headers": PAIRS}
REQUEST = objects(
    "method url httpVersion cookies headers queryString headersSize:integer bodySize:integer",
    **MESSAGE,
    queryString=PAIRS,
    postData=objects("mimeType text", encoding={"const": "base64"}),
)
RESPONSE = objects(
    "status:integer statusText httpVersion cookies headers content redirectURL"
    " headersSize:integer bodySize:integer",
    **MESSAGE,
    content=objects("size:integer mimeType", text={"type": "string"}, encoding={"type": "string"}),
)
ENTRY = objects(
    "startedDateTime time:number request response cache timings",
    startedDateTime={"type": "string", "format": "date-time"},
    request=REQUEST,
    response=RESPONSE,
    cache={"type": "object"},
    timings=objects("send:number wait:number receive:number"),
)
LOG = objects("version creator entries", creator=objects("name version"), entries=lists(ENTRY))
ARCHIVE = jsonschema_rs.Draft202012Validator(objects("log", log=LOG), validate_formats=True)


def archived(*exchanges: Exchange, **more: Any) -> Any:
    """The entries of an archive, as a reader of it finds them."""
    archive = json.loads(write_json(har(journal(*exchanges, **more))), parse_float=Decimal)
    ARCHIVE.validate(archive)
    return archive["log"]["entries"]


@given(
    body=st.binary(max_size=30) | st.text(max_size=30).map(str.encode),
    status=st.integers(200, 599),
    answered=st.booleans(),
    most=st.integers(0, 30),
    headers=st.dictionaries(st.sampled_from(["content-type", "x-a", "location"]), st.text()),
)
def test_every_entry_is_valid(
    body: bytes, status: int, answered: bool, most: int, headers: dict[str, str]
) -> None:
    answer = Answer(status, headers, body) if answered else None
    exchange = replace(posted(body, **headers), answer=answer)
    assert len(archived(exchange, USAGE, bounds=Bounds(body=most))) == 2
    assert archived() == []


def test_an_entry_tells_all_of_a_call() -> None:
    (entry,) = archived(replace(posted(b'{"a": 1.50}', **{"content-type": "text/x"}), id="call-7"))
    request = entry["request"]
    assert (request["method"], request["bodySize"]) == ("POST", 11)
    assert request["url"] == "http://localhost:8640/s/a/monk/v1/ingest"
    assert request["postData"] == {"mimeType": "text/x", "text": '{"a": 1.50}'}
    content = {"size": 16, "mimeType": "application/json", "text": '{"total": 12.50}'}
    assert entry["response"]["content"] == content
    assert entry["response"]["statusText"] == "OK"
    assert entry["_metersim"]["operationId"] == "getUsage"


def test_a_parameter_given_twice_is_told_twice() -> None:
    (entry,) = archived(USAGE)
    pairs = [(each["name"], each["value"]) for each in entry["request"]["queryString"]]
    assert pairs == [("from", "2026-02-01"), ("meter", "a"), ("meter", "b")]


def test_time_is_that_of_the_world_and_what_the_machine_took() -> None:
    (entry,) = archived(numbered(1, delay=timedelta(seconds=1), took=2_500))
    assert entry["startedDateTime"] == "2026-03-01T09:31:00.000Z"
    assert entry["time"] == entry["timings"]["wait"] == Decimal("1002.5")


def test_what_is_no_text_is_in_base64_and_what_is_cut_says_so() -> None:
    exchange = replace(posted(b"\xff" * 9), answer=Answer(200, {}, b"\xfe" * 5))
    (entry,) = archived(exchange, bounds=Bounds(body=6))
    posted_data, content = entry["request"]["postData"], entry["response"]["content"]
    assert b64decode(posted_data["text"]) == b"\xff" * 6
    assert posted_data["comment"] == "only the first 6 bytes were kept"
    assert (b64decode(content["text"]), content["encoding"]) == (b"\xfe" * 5, "base64")
    assert "comment" not in content


def test_a_call_that_got_no_answer_has_status_0() -> None:
    (entry,) = archived(replace(USAGE, answer=None))
    assert (entry["response"]["status"], entry["response"]["content"]["size"]) == (0, 0)
