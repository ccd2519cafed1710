"""The journal as WireMock's clients read it: its shapes, and what we add beside them."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from metersim.simulation import logged
from metersim.simulation.comparing import write_json
from metersim.simulation.exchange import Answer
from metersim.simulation.journal import Bounds
from metersim.simulation.matching import Pattern
from metersim.simulation.near_misses import Meant, Offer, nearest_offers, offers
from metersim.simulation.vendor import installed_vendors
from metersim.validation import Violation
from tests.simulation.exchanges import NOW, USAGE, asked, journal, numbered, posted, received
from tests.simulation.parcels import parcels

URL = "/monk/v1/usage?from=2026-02-01&meter=a&meter=b"
STRAY = replace(asked(path="/v1/usagee", query=""), operation=None)
ALL = Pattern({})


def test_a_request_has_the_shape_that_wiremock_logs() -> None:
    (request,) = logged.found(journal(USAGE), ALL)["requests"]
    assert request == {
        "url": URL,
        "absoluteUrl": "http://localhost:8640/s/a" + URL,
        "method": "GET",
        "clientIp": "127.0.0.1",
        "headers": {"authorization": "Bearer [redacted]", "accept": "*/*"},
        "cookies": {},
        "browserProxyRequest": False,
        "loggedDate": 1_772_357_400_000,
        "loggedDateString": "2026-03-01T09:30:00Z",
        "bodyAsBase64": "",
        "body": "",
        "queryParams": {
            "from": {"key": "from", "values": ["2026-02-01"]},
            "meter": {"key": "meter", "values": ["a", "b"]},
        },
        "formParams": {},
    }


def test_an_event_has_the_shape_of_wiremocks_and_ours_beside_it() -> None:
    exchange = replace(
        USAGE,
        violations=[Violation(("query", "meter"), "is not known")],
        fault="fixedDelayMilliseconds",
        trace=["matched getUsage", "let in metersim-token"],
        delay=timedelta(milliseconds=1_500),
        took=2_999,
    )
    kept = journal(exchange)
    (event,) = logged.requests(kept)["requests"]
    assert event == {
        "id": "call-1",
        "request": logged.logged_request(next(iter(kept))),
        "responseDefinition": {"status": 200, "fromConfiguredStub": True},
        "response": {
            "status": 200,
            "headers": {"content-type": "application/json"},
            "bodyAsBase64": "eyJ0b3RhbCI6IDEyLjUwfQ==",
            "body": '{"total": 12.50}',
        },
        "wasMatched": True,
        "timing": {
            "addedDelay": 1_500,
            "processTime": 2,
            "responseSendTime": 0,
            "serveTime": 2,
            "totalTime": 1_502,
        },
        "metersim": {
            "number": 1,
            "at": "2026-03-01T09:30:00.000Z",
            "session": "default",
            "vendor": "monk",
            "operationId": "getUsage",
            "violations": [{"path": "query.meter", "message": "is not known"}],
            "fault": "fixedDelayMilliseconds",
            "trace": ["matched getUsage", "let in metersim-token"],
            "bodies": {
                "request": {"size": 0, "cut": False, "binary": False},
                "response": {"size": 16, "cut": False, "binary": False},
            },
        },
    }


def test_a_call_without_an_answer_has_no_response() -> None:
    (event,) = logged.requests(journal(replace(USAGE, answer=None)))["requests"]
    assert "response" not in event
    assert event["responseDefinition"]["status"] is None


def test_what_is_no_text_is_told_in_base64_alone() -> None:
    (request,) = logged.found(journal(posted(b"\xff\x00")), ALL)["requests"]
    assert (request["body"], b64decode(request["bodyAsBase64"])) == ("", b"\xff\x00")


def test_each_answer_says_how_much_there_is_and_how_much_was_dropped() -> None:
    kept = journal(*map(numbered, range(4)), STRAY, bounds=Bounds(entries=4))
    nothing, known = Pattern({"method": "PUT"}), [Offer("getUsage", "GET", "/monk/v1/usage")]
    answers: list[tuple[Any, str, int]] = [
        (logged.requests(kept), "requests", 4),
        (logged.requests(kept, limit=1), "requests", 4),
        (logged.requests(kept, since=NOW + timedelta(minutes=3)), "requests", 1),
        (logged.requests(kept, unmatched=True), "requests", 1),
        (logged.found(kept, ALL), "requests", 4),
        (logged.found(kept, nothing), "requests", 0),
        (logged.counted(kept, ALL), "count", 4),
        (logged.unmatched_requests(kept), "requests", 1),
        (logged.near_misses(kept, nothing), "nearMisses", 3),
        (logged.unmatched_near_misses(kept, known), "nearMisses", 1),
        (logged.removed(kept, nothing), "serveEvents", 0),
        (logged.removed(kept, ALL), "serveEvents", 4),
    ]
    for answer, key, total in answers:
        assert answer.keys() == {key, "meta", "requestJournalDisabled"}
        assert answer["meta"] == {"total": total, "dropped": 1}
        assert answer["requestJournalDisabled"] is False
    assert [len(answer["requests"]) for answer, *_ in answers[:2]] == [4, 1]
    assert answers[6][0]["count"] == 4


def test_a_journal_that_is_off_says_so() -> None:
    kept = journal(USAGE, enabled=False)
    answer = {"count": 0, "meta": {"total": 0, "dropped": 0}, "requestJournalDisabled": True}
    assert logged.counted(kept, ALL) == answer


def test_a_near_miss_of_a_pattern_has_wiremocks_shape_and_the_reasons() -> None:
    data = {"method": "GET", "urlPath": "/monk/v1/usages"}
    kept = journal(asked(query=""))
    (miss,) = logged.near_misses(kept, Pattern(data))["nearMisses"]
    assert miss == {
        "request": logged.logged_request(next(iter(kept))),
        "requestPattern": data,
        "matchResult": {
            "distance": Decimal("0.051282")
        },  # a letter of fifteen, ten parts of thirteen
        "metersim": {
            "mismatches": [
                {
                    "part": "url",
                    "expected": {"equalTo": "/monk/v1/usages"},
                    "found": "/monk/v1/usage",
                }
            ]
        },
    }


def test_an_unmatched_request_is_told_what_it_may_have_meant() -> None:
    known = [Offer("getUsage", "GET", "/monk/v1/usage"), Offer("other", "POST", "/saas/v1/costs")]
    first, second = logged.unmatched_near_misses(journal(STRAY, USAGE), known)["nearMisses"]
    assert first["stubMapping"] == {
        "name": "getUsage",
        "request": {"method": "GET", "urlPathTemplate": "/monk/v1/usage"},
    }
    assert 0 < first["matchResult"]["distance"] < second["matchResult"]["distance"] < 1


def test_near_misses_are_told_of_so_many_unmatched_requests_and_the_newest() -> None:
    strays = [numbered(n, operation=None) for n in range(logged.MOST_STRAYS + 1)]
    answer = logged.unmatched_near_misses(journal(*strays), [Offer("a", "GET", "/a")])
    assert len(answer["nearMisses"]) == logged.MOST_STRAYS
    assert (
        answer["nearMisses"][0]["request"]["loggedDate"]
        == (logged.found(journal(strays[-1]), ALL)["requests"][0]["loggedDate"])
    )


@pytest.mark.parametrize(
    ("method", "path", "meant"),
    [
        ("GET", "/parcels/parcel/7", "getParcel"),
        ("GET", "/parcels/parcels/7/", "getParcel"),
        ("DELETE", "/parcels/parcels/7", "getParcel"),
        ("POST", "/parcels/parcel", "createParcel"),
        ("PUT", "/parcels/parcels", "createParcel"),
        ("POST", "/parcel/parcels", "createParcel"),
    ],
)
def test_the_operation_that_was_nearly_asked_for_comes_first(
    tmp_path: Path, method: str, path: str, meant: str
) -> None:
    request = replace(received(USAGE), method=method, url=path)
    nearest = nearest_offers(request, offers([parcels(tmp_path)]))
    assert nearest[0].offer.operation == meant
    assert all(0 < each.distance <= 1 for each in nearest)


def test_every_operation_is_nearest_to_its_own_path() -> None:
    known = offers(installed_vendors().values())
    for offer in known:
        path = offer.path.replace("{", "a").replace("}", "b")
        request = replace(received(USAGE), method=offer.method, url=path)
        (nearest,) = nearest_offers(request, known, most=1)
        assert nearest == Meant(Decimal(0), offer)


def test_every_answer_is_plain_json() -> None:
    kept = journal(USAGE, STRAY, replace(USAGE, answer=Answer(204)))
    for answer in (logged.requests(kept), logged.near_misses(kept, Pattern({"method": "PUT"}))):
        assert json.loads(write_json(answer)).keys() == answer.keys()
