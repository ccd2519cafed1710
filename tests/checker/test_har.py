"""The archive of a run: all that was kept, as it was, within bounds that it tells."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from metersim.checker.keeping import Kept
from metersim.checker.reports.har import har
from metersim.checker.run import Run, selected
from metersim.checker.target import Target
from metersim.checker.verdict import Report
from tests.checker.proven import VENDORS
from tests.checker.reported import COOKIE, TOKEN, exchange, report, told
from tests.implementations import saas
from tests.implementations.serving import served


def log(found: Report | None = None) -> Any:
    return har(told(found))["log"]


def test_it_has_what_the_format_requires() -> None:
    assert {"version", "creator", "entries"} <= log().keys()
    for entry in log()["entries"]:
        assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(entry)
        assert {"method", "url", "httpVersion", "cookies", "headers", "queryString"} <= set(
            entry["request"]
        )
        assert {"status", "statusText", "content", "redirectURL", "bodySize"} <= set(
            entry["response"]
        )
        assert entry["time"] == sum(entry["timings"].values())


def test_an_entry_tells_when_what_and_how_long() -> None:
    first, second = log()["entries"]
    assert first["startedDateTime"].startswith("2026-03-18T09:30:00")
    assert first["time"] == Decimal("12.345")
    assert first["request"]["queryString"] == [{"name": "metrics", "value": "seats"}]
    assert first["response"]["content"]["text"] == '{"success": true}'
    assert "postData" not in first["request"]
    assert second["request"]["postData"] == {"mimeType": "application/json", "text": '{"a": 1}'}
    assert second["response"]["statusText"] == "Unauthorized"


def test_the_token_is_not_in_it() -> None:
    assert TOKEN not in str(log())
    assert COOKIE not in str(log())
    assert "[redacted]" in str(log())


def test_a_body_that_was_cut_says_so() -> None:
    found = report("x" * 300_000)
    content = log(found)["entries"][0]["response"]["content"]
    assert content["size"] == 300_000
    assert content["comment"] == f"only the first {len(content['text']) - 1} characters were kept"


def test_the_latest_are_kept_and_the_others_counted() -> None:
    kept = Kept(most=2)
    exchanges = [exchange(str(number)) for number in range(5)]
    for each in exchanges:
        kept.keep(each)
    assert (list(kept), kept.dropped) == (exchanges[3:], 3)


def test_no_more_bytes_are_kept_than_may_be() -> None:
    kept = Kept(most_bytes=100)
    for size in (60, 30, 30, 200, 40):
        kept.keep(exchange("x" * size))
    assert [len(each.content) for each in kept] == [40]
    assert kept.dropped == 4


def test_an_archive_tells_what_was_dropped() -> None:
    found = report()
    found.kept.dropped = 7
    assert log(found)["comment"].startswith("7 ")
    assert "comment" not in log()


def test_every_call_of_a_run_is_in_it_in_its_order() -> None:
    vendor = VENDORS["saas"]
    with served(saas.create()) as url, Target(url) as target:
        rules = selected(vendor, ["SAAS-01", "SAAS-09"])
        found = Run(vendor, target, rules, token=saas.TOKEN, given=saas.VALUES).prove()
    entries = log(found)["entries"]
    assert len(entries) == found.calls
    times = [entry["startedDateTime"] for entry in entries]
    assert times == sorted(times)
    assert [entry["response"]["status"] for entry in entries].count(401) == 7
