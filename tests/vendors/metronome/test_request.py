"""Who may ask, and which questions are refused."""

from __future__ import annotations

from datetime import date

import pytest

from metersim.simulation.call import Request
from tests.vendors.metronome.asking import TWO_DAYS, ask, assert_refused, query
from tests.wire import simulate

SIZES = ["hour", "day", "none"]
SPELLINGS = [spelt for size in SIZES for spelt in (size, size.upper(), size.title())]


@pytest.mark.parametrize("token", [None, "", "nobodys-token", "metersim-expired"])
def test_metronome_01_a_missing_blank_wrong_or_expired_token_is_refused(token: str | None) -> None:
    answer = simulate().caller("metronome", token).post("/v1/usage", TWO_DAYS)
    assert_refused(answer, status=401)
    assert answer.data["message"]


def test_metronome_01_another_scheme_than_bearer_is_refused() -> None:
    basic = {"authorization": "Basic metersim-token"}
    answer = simulate().caller("metronome").send("POST", "/v1/usage", TWO_DAYS, headers=basic)
    assert_refused(answer, "Bearer", status=401)


def test_metronome_01_a_token_that_may_only_read_may_read() -> None:
    caller = simulate().caller("metronome", "metersim-readonly")
    assert caller.post("/v1/usage", TWO_DAYS).status == 200


def test_metronome_01_a_token_without_rights_is_forbidden() -> None:
    caller = simulate().caller("metronome", "metersim-noscope")
    assert_refused(caller.post("/v1/usage", TWO_DAYS), "usage:read", status=403)


@pytest.mark.parametrize("name", ["window_size", "starting_on", "ending_before"])
def test_metronome_02_a_missing_bound_or_window_size_is_refused_by_name(name: str) -> None:
    body = {key: value for key, value in TWO_DAYS.items() if key != name}
    assert_refused(ask(simulate(), body), f"{name}: is required")


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"day"', b"{}", b"{"])
def test_metronome_02_what_is_no_query_is_refused(body: bytes) -> None:
    assert_refused(ask(simulate(), body))


@pytest.mark.parametrize("window_size", SPELLINGS)
def test_metronome_03_spellings_of_one_size_give_equal_answers(window_size: str) -> None:
    body = query(date(2026, 3, 1), date(2026, 3, 9), window_size)
    plain = {**body, "window_size": window_size.lower()}
    answer, expected = ask(simulate(), body), ask(simulate(), plain)
    assert answer.status == 200
    assert answer.data["data"] == expected.data["data"] != []


@pytest.mark.parametrize("window_size", ["dAY", "daily", "week", "month", "", " day", 1, None, []])
def test_metronome_03_another_window_size_is_refused(window_size: object) -> None:
    assert_refused(ask(simulate(), {**TWO_DAYS, "window_size": window_size}), "window_size")


OFF_MIDNIGHT = [
    "2026-03-01T00:00:01Z",
    "2026-03-01T01:00:00Z",
    "2026-03-01T00:00:00.001Z",
    "2026-03-01T00:00:00.000001Z",
    "2026-03-01T00:00:00+01:00",  # midnight, elsewhere
    "2026-02-28T23:59:59.999999Z",
]


@pytest.mark.parametrize("bound", OFF_MIDNIGHT)
@pytest.mark.parametrize("window_size", SPELLINGS)
def test_metronome_04_a_bound_off_midnight_is_refused_for_every_window_size(
    window_size: str, bound: str
) -> None:
    late, early = date(2026, 4, 1), date(2026, 1, 1)
    starting = ask(simulate(), query(bound, late, window_size))
    assert_refused(starting, "starting_on: must be midnight UTC")
    assert_refused(ask(simulate(), query(early, bound, window_size)), "ending_before: must be")


@pytest.mark.parametrize(
    "start",
    [
        "2026-03-01T00:00:00Z",
        "2026-03-01T00:00:00z",
        "2026-03-01t00:00:00Z",
        "2026-03-01T00:00:00.000Z",
        "2026-03-01T00:00:00.000000000Z",
        "2026-03-01T00:00:00+00:00",
        "2026-03-01T00:00:00-00:00",
        "2026-03-01T02:00:00+02:00",
        "2026-02-28T18:30:00-05:30",
    ],
)
def test_metronome_04_every_spelling_of_a_utc_midnight_is_the_same_midnight(start: str) -> None:
    answer = ask(simulate(), query(start, "2026-03-03T00:00:00Z"))
    assert answer.data["data"] == ask(simulate(), TWO_DAYS).data["data"]
    assert answer.data["data"][0]["start_timestamp"] == "2026-03-01T00:00:00Z"


@pytest.mark.parametrize(
    "bound",
    [
        *("", "yesterday", "2026-03-01", "2026-03-01T00:00:00", "2026-03-01 00:00:00Z"),
        *("2026-02-30T00:00:00Z", "2026-03-01T24:00:00Z", "2016-12-31T23:59:60Z"),
        *("0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:00:00-01:00"),
        *("20260301T000000Z", "2026-W09-7T00:00:00Z", 1772323200, None, "²026-03-01T00:00:00Z"),
    ],
)
def test_metronome_04_what_is_no_date_time_is_refused(bound: object) -> None:
    for name in ("starting_on", "ending_before"):
        assert_refused(ask(simulate(), {**TWO_DAYS, name: bound}), f"{name}: ")


@pytest.mark.parametrize("window_size", SIZES)
@pytest.mark.parametrize("end", [date(2026, 3, 1), date(2026, 2, 28), date(1, 1, 1)])
def test_metronome_05_an_end_not_a_day_after_the_start_is_refused(
    end: date, window_size: str
) -> None:
    body = query(date(2026, 3, 1), end, window_size)
    assert_refused(ask(simulate(), body), "ending_before", "at least one day after starting_on")


def test_metronome_05_a_single_day_is_enough() -> None:
    assert ask(simulate(), query(date(2026, 3, 1), date(2026, 3, 2))).status == 200


def test_metronome_17_both_keys_are_there_on_every_page() -> None:
    nobody = query(date(2026, 3, 1), date(2026, 3, 2), customer_ids=[])
    for answer in (ask(simulate(), TWO_DAYS), ask(simulate(), nobody)):
        assert list(answer.data) == ["data", "next_page"]


@pytest.mark.parametrize("name", ["limit", "Next_page", "nextPage", "window_size"])
def test_metronome_17_a_parameter_it_does_not_take_fails_the_whole_request(name: str) -> None:
    answer = simulate().caller("metronome").post("/v1/usage", TWO_DAYS, query={name: "5"})
    assert_refused(answer, f"{name}: unknown parameter")


def test_metronome_17_properties_it_does_not_know_are_passed_over() -> None:
    more = {"customer_id": "x", "billable_metric_id": 3, "group_by": {"key": None}, "limit": 1.5}
    assert (
        ask(simulate(), {**TWO_DAYS, **more}).data["data"]
        == (ask(simulate(), TWO_DAYS).data["data"])
    )


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/usages", "/v1/usage/", "/v2/usage", "//v1/usage"]
)
def test_metronome_27_an_unknown_path_is_not_found(path: str) -> None:
    for token in ("metersim-token", None):
        answer = simulate().caller("metronome", token).post(path, TWO_DAYS)
        assert_refused(answer, path, status=404)


def test_metronome_27_a_known_path_with_another_method_is_not_allowed() -> None:
    answer = simulate().caller("metronome").get("/v1/usage")
    assert_refused(answer, "GET", status=405)
    assert answer.headers["allow"] == "POST"


def test_a_body_over_the_limit_is_refused_in_the_vendors_shape() -> None:
    headers = {"authorization": "Bearer metersim-token"}
    sim = simulate()
    answer = sim.send(Request("POST", "/metronome/v1/usage", "", headers, body=None))
    assert_refused(answer, "too large", status=413)


def test_another_content_type_is_refused_in_the_vendors_shape() -> None:
    headers = {"content-type": "text/plain"}
    answer = simulate().caller("metronome").send("POST", "/v1/usage", TWO_DAYS, headers=headers)
    assert_refused(answer, "application/json", status=415)
