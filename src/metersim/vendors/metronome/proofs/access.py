"""Who is let in, and what a query must not be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime

from metersim.billing.instants import Span, to_milliseconds, to_seconds
from metersim.contract.exchange import Exchange, Unproven, agree, require
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.metronome.proofs.asking import (
    DAY,
    NOBODY,
    Pair,
    Row,
    ask,
    busy_days,
    customer,
    days,
    days_from,
    following,
    known_pair,
    known_part,
    query,
    refused,
    rows,
)
from metersim.vendors.metronome.proofs.listing import CUSTOMERS, METRICS

_SIZES = ("hour", "day", "none")
_SPELLINGS = (str.lower, str.upper, str.capitalize)
_ELSE = ("week", "minute", "hourly", "day ", "")
# What is asked for is of no matter where nothing is known to be there.
_ANY = datetime(2021, 1, 1, tzinfo=UTC)
_FAR_END = "2100-01-01T00:00:00Z"
_WRONG = ("Bearer", "Bearer not-a-token-of-anyone", "Basic dXNlcjpwYXNzd29yZA==")
_MOST_REQUESTS = 8
_PAGES = 24


def _one_day(trial: Trial) -> Span:
    known = trial.get("since") and trial.get("until")
    start = days(trial).start if known else _ANY
    return Span(start, start + DAY)


def _query(trial: Trial, span: Span, size: str = "day") -> dict[str, Json]:
    """Of one customer and metric, where they are known."""
    known, metric = trial.get("customer_id"), trial.get("metric_id")
    return query(span, size, [known] if known else None, [metric] if metric else None)


def _passes(trial: Trial, body: Json) -> None:
    """What is refused for one fault alone would else pass."""
    reply = ask(trial, body)
    require(reply.succeeded, f"a query that passes: {reply}")


@proves("METRONOME-01", calls=12)
def nobody_reads_without_the_token(trial: Trial) -> None:
    body = _query(trial, _one_day(trial))
    _passes(trial, body)
    own = trial.token
    nearly_right = (f"Bearer {own}0", f"Basic {own}", own) if own else ()
    for authorization in (None, *_WRONG, *nearly_right):
        headers = {} if authorization is None else {"Authorization": authorization}
        refused(trial.call("listUsage", body, headers=headers, token=None), 401, 403)
    # Not everybody who answers for usage has these lists too.
    for path in (CUSTOMERS, METRICS):
        found = trial.send("GET", path)
        if found.succeeded and "json" in found.media_type:
            refused(trial.send("GET", path, token=None), 401, 403)


@proves("METRONOME-02", calls=6)
def size_and_bounds_are_required(trial: Trial) -> None:
    body = query(_one_day(trial))
    _passes(trial, body)
    for name in ("window_size", "starting_on", "ending_before"):
        rest = {key: value for key, value in body.items() if key != name}
        refused(ask(trial, rest), 400)
    # Any start would be before this end, whatever is taken for one.
    refused(ask(trial, {"window_size": "none", "ending_before": _FAR_END}), 400)
    refused(ask(trial, {}), 400)


@proves("METRONOME-03", calls=28, needs=("since", "until", "customer_id"))
def spellings_of_one_size_mean_the_same(trial: Trial) -> None:
    span = days(trial)
    _all_are_known(trial, span)
    pair = known_pair(trial, span)
    day = busy_days(trial, pair, span)[0]
    two = days_from(day, 2, span)
    for size in _SIZES:
        for spelt in (size.upper(), size.capitalize()):
            _same_rows(trial, pair, two, size, spelt)
    body = query(two, customers=[pair.customer])
    for spelt in _ELSE:
        refused(ask(trial, {**body, "window_size": spelt}), 400)
    # Nobody says so of a spelling in between.
    refused(ask(trial, {**body, "window_size": "hOUR"}), 400, basis=Basis.ASSUMED)


def _all_are_known(trial: Trial, span: Span) -> None:
    """Where one spelling passes, what is refused is refused for its spelling."""
    one = Span(span.start, span.start + DAY)
    spelt = [how(size) for size in _SIZES for how in _SPELLINGS]
    replies = [ask(trial, query(one, each, [customer(trial)])) for each in spelt]
    if any(reply.succeeded for reply in replies):
        for reply in replies:
            reply.expect_status(200)


def _same_rows(trial: Trial, pair: Pair, span: Span, size: str, spelt: str) -> None:
    first, other = (
        ask(trial, query(span, each, [pair.customer], [pair.metric])) for each in (size, spelt)
    )
    first.expect_status(200)
    other.expect_status(200)
    require(first.done["data"], "rows of the customer and metric: --set metric_id=…")
    agree(f"rows by {spelt} as by {size}:", _known(other), _known(first), first, other)


def _known(reply: Exchange) -> list[Row]:
    return [known_part(row) for row in rows([reply])]


@proves("METRONOME-04", calls=15, examples=2)
def bounds_sit_on_midnight(trial: Trial) -> None:
    hours = timedelta(hours=trial.draw.integer(1, 23))
    minutes = timedelta(minutes=trial.draw.integer(1, 59))
    seconds = timedelta(seconds=trial.draw.integer(1, 86_399))
    day = _one_day(trial)
    start, end = day.start, day.end + DAY
    for size in _SIZES:
        body = _query(trial, Span(start, end), size)
        _passes(trial, body)
        refused(ask(trial, {**body, "starting_on": to_seconds(start + hours)}), 400)
        refused(ask(trial, {**body, "ending_before": to_seconds(end + seconds)}), 400)
        refused(ask(trial, {**body, "ending_before": to_seconds(end + minutes)}), 400)
    # A midnight, but not of UTC.
    body = _query(trial, Span(start, end))
    local = to_seconds(start).replace("Z", "+02:00")
    refused(ask(trial, {**body, "starting_on": local}), 400)
    late = to_seconds(end).replace("Z", "-05:30")
    refused(ask(trial, {**body, "ending_before": late}), 400)
    soon = to_milliseconds(start + timedelta(milliseconds=1))
    refused(ask(trial, {**body, "starting_on": soon}), 400)


@proves("METRONOME-05", calls=9, examples=2)
def a_span_is_a_day_at_least(trial: Trial) -> None:
    back = trial.draw.integer(1, 400) * DAY
    sizes = trial.draw.some_of(_SIZES, least=1)
    day = _one_day(trial)
    for size in _SIZES:
        body = _query(trial, day, size)
        for end in (day.start, day.start - back):
            refused(ask(trial, {**body, "ending_before": to_seconds(end)}), 400)
    for size in sizes:
        ask(trial, _query(trial, day, size)).expect_status(200)


@proves("METRONOME-17", calls=28)
def both_keys_are_always_there(trial: Trial) -> None:
    body = _query(trial, _one_day(trial))
    page = ask(trial, body)
    _has_both(page)
    for _ in range(_PAGES):
        if not (cursor := following(page)):
            break
        page = ask(trial, body, cursor)
        _has_both(page)
    empty = ask(trial, {**body, "customer_ids": [NOBODY]})
    if empty.succeeded:
        _has_both(empty)
    for limit in ("10", "100"):
        refused(ask(trial, body, limit=limit), 400, basis=Basis.CONFIRMED)


def _has_both(page: Exchange) -> None:
    body = page.done
    page.expect(isinstance(body, dict) and isinstance(body.get("data"), list), "an array data")
    told = "next_page" in body and isinstance(body["next_page"], str | None)
    found = body.get("next_page", "no next_page at all")
    page.expect(told, "next_page, a text or null", found)


@proves("METRONOME-26", calls=52)
def the_ninth_request_of_a_second_is_one_too_many(trial: Trial) -> None:
    body = _query(trial, _one_day(trial), "none")
    burst = _burst(trial, body)
    for each in burst if burst[0].succeeded else ():
        each.expect(each.succeeded or each.status == 429, "429 where it is one too many")
    reply = burst[-1]
    require(reply.status == 429, "a vendor's limits that are on: no call of a burst met a 429")
    refused(reply, 429)
    seconds = reply.headers.get("retry-after", "")
    reply.expect(bool(seconds), "a Retry-After header", basis=Basis.ASSUMED)
    told = "a Retry-After in seconds, or the time when to come again"
    reply.expect(_is_a_wait(seconds), told, basis=Basis.ASSUMED)
    require(seconds.isdecimal(), "a Retry-After in whole seconds")
    reply.expect(int(seconds) >= 1, "a Retry-After of a second or more", basis=Basis.ASSUMED)
    # After a pause as long as that, a whole second's calls pass again.
    body = _query(trial, _one_day(trial))
    again = trial.call("listUsage", body)
    if again.status == 429:
        raise Unproven(f"needs a clock that moves: {again}")
    second = [again, *_burst(trial, body)]
    passed = len(second) - 1 if second[-1].status == 429 else len(second)
    told = f"{_MOST_REQUESTS} requests of a second to pass"
    second[-1].expect(passed >= _MOST_REQUESTS, told, basis=Basis.ASSUMED)
    # A second that ends meanwhile lets more pass, but hardly twice.
    if _are_too_many(second):
        body = _query(trial, _one_day(trial), "none")
        third = [trial.call("listUsage", body), *_burst(trial, body)]
        told = f"429 to request {_MOST_REQUESTS + 1} of a second"
        third[-1].expect(not _are_too_many(third), told, f"{passed} requests of a second pass")


def _is_a_wait(text: str) -> bool:
    """Whether clients can read for how long to wait."""
    try:
        return bool(parsedate_to_datetime(text)) if "," in text else Decimal(text) >= 0
    except (ValueError, ArithmeticError):
        return False


def _burst(trial: Trial, body: Json) -> list[Exchange]:
    """Calls at once, to the first that is turned away."""
    found: list[Exchange] = []
    while len(found) < 2 * _MOST_REQUESTS and not (found and found[-1].status == 429):
        found.append(trial.call("listUsage", body, patient=False))
    return found


def _are_too_many(made: Sequence[Exchange]) -> bool:
    """Whether more of them passed than may, whatever came free again in the time they took."""
    times = [each.at for each in made if each.at and each.status != 429]
    if not times:
        return False
    free = math.floor((times[-1] - times[0]) / timedelta(seconds=1) * _MOST_REQUESTS)
    return len(times) > _MOST_REQUESTS + free


@proves("METRONOME-27", calls=3)
def an_unknown_path_is_not_found(trial: Trial) -> None:
    for method, path in (
        ("GET", "/v1/metersim-no-such-thing"),
        ("POST", "/v1/usage/metersim-no-such-thing"),
        ("GET", "/metersim-no-such-thing"),
    ):
        refused(trial.send(method, path), 404)
