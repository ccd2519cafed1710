"""How the implementation of Metronome answers a usage query: its windows, groups and pages."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from tests.implementations.metronome_reading import Refused, instant, texts
from tests.implementations.metronome_store import METRICS, NAMES, NOW, Store

_PAGE = 180
_SIZES = {"hour": timedelta(hours=1), "day": timedelta(days=1), "none": None}
_SPELT = {spelt for size in _SIZES for spelt in (size, size.upper(), size.capitalize())}
_SECOND, _DAY, _TICK = timedelta(seconds=1), timedelta(days=1), timedelta(microseconds=1)
_LONGEST = timedelta(days=3_660)
_MIDNIGHT = datetime.min.time()


def page(store: Store, body: dict[str, Any], cursor: str | None) -> dict[str, Any]:
    """One page: rows of one pair, and where to go on."""
    defect = store.defect
    size, start, end = _asked(body, defect)
    windows = _windows(size, start, end)
    if defect == "the last day is left out" and len(windows) > 1:
        windows = windows[: -24 if size == "hour" else -1]
    selected = _selected(body, defect)
    metrics = None if selected is None else list(selected)
    pairs = store.pairs(_customers(store, body), metrics)
    if defect == "thirty days are enough" and size == "day":
        windows = windows[:30]
    if defect == "customers within metrics":
        pairs.sort(key=lambda pair: NAMES[pair[1]])
    place = _place(store, body, cursor)
    if not pairs:
        return {"data": [], "next_page": None}
    number, first = place[1:]
    if place[0] and tuple(place[0]) in pairs and defect != "cursors count pairs":
        number = pairs.index(tuple(place[0]))
    last, (customer, metric) = first + _PAGE, pairs[number]
    group = (selected or {}).get(metric)
    rows = _rows(store, customer, metric, windows[first:last], group, size)
    following: Any = None
    if defect == "all on one page":
        rows = [row for c, m in pairs for row in _rows(store, c, m, windows, None, size)]
    elif last < len(windows):
        overlap = {"the last row of a page comes again": -1, "a row is lost between two pages": 1}
        overlap["a row is lost after the second page"] = int(first == _PAGE)
        following = pairs[number], number, last + overlap.get(defect or "", 0)
    elif number + 1 < len(pairs):
        after = pairs[number + 1]
        following = after, number + 1, 0
        if defect == "pages of single windows are of two pairs" and size == "none":
            rows += _rows(store, after[0], after[1], windows, None, size)
            following = (pairs[number + 2], number + 2, 0) if pairs[number + 2 :] else None
        if defect == "pages of two pairs":
            rows += _rows(store, after[0], after[1], windows[:9], None, size)
            following = pairs[number + 1], number + 1, 9
            if len(windows) <= 9:
                following = None
    if defect == "the latest first":
        rows.reverse()
    return _whole(store, body, rows, following, cursor)


def _whole(
    store: Store, body: Any, rows: Any, following: Any, cursor: str | None
) -> dict[str, Any]:
    found: dict[str, Any] = {"data": rows, "next_page": None}
    if following is None and store.defect == "the last page leads to the first":
        following = None, 0, 0
    if following is not None:
        place = json.dumps(following)
        token = sha256((place + json.dumps(body) + (cursor or "")).encode()).hexdigest()
        (number,) = store.db.execute("select count(*) from events").fetchone()
        row = token, json.dumps(body), place, number
        store.db.execute("insert or replace into cursors values (?,?,?,?)", row)
        found["next_page"] = token
    elif store.defect == "the last page has an empty cursor":
        found["next_page"] = ""
    elif store.defect == "the last page leads to itself":
        found["next_page"] = cursor
    elif store.defect == "no next_page on the last page":
        del found["next_page"]
    return found


def _place(store: Store, body: Any, cursor: str | None) -> Any:
    if cursor is None:
        return None, 0, 0
    asked = "select query, place, events from cursors where token=?"
    (number,) = store.db.execute("select count(*) from events").fetchone()
    found = store.db.execute(asked, (cursor,)).fetchone()
    if found is None and store.defect == "an unknown cursor starts anew":
        return None, 0, 0
    if found is None:
        raise Refused("no such page")
    if store.defect == "cursors end with the next event" and number != found[2]:
        raise Refused("that was before the last event")
    if store.defect == "cursors know their bounds alone":
        asked = json.loads(found[0])
        if all(asked[each] == body[each] for each in ("starting_on", "ending_before")):
            return json.loads(found[1])
    if found[0] != json.dumps(body) and store.defect != "cursors fit any query":
        raise Refused("a page of another query")
    return json.loads(found[1])


def _asked(body: dict[str, Any], defect: str | None) -> tuple[str, datetime, datetime]:
    if defect == "the window size is day by default":
        body = {"window_size": "day", **body}
    if defect == "a start may be missing":
        body = {"starting_on": "2025-06-01T00:00:00Z", **body}
    for name in ("window_size", "starting_on", "ending_before"):
        if name not in body:
            raise Refused(f"{name}?", 422 if defect == "422 for what is missing" else 400)
    size = str(body["window_size"])
    if defect == "Hour is taken for day" and size == "Hour":
        size = "day"
    if defect == "week is taken for day" and size == "week":
        size = "day"
    if defect == "spaces do not matter":
        size = size.strip()
    if defect == "lower case is refused" and size.islower():
        raise Refused("windows are HOUR, DAY or NONE")
    titled = defect == "title case is refused" and size.istitle()
    if titled or size not in _SPELT and (defect != "case does not matter" or size != "hOUR"):
        raise Refused("windows are hours, days or none")
    if defect == "bounds are read without their offset":
        bounds = {"starting_on": body["starting_on"][:19] + "Z"}
        body = {**body, **bounds, "ending_before": body["ending_before"][:19] + "Z"}
    start, end = instant(body["starting_on"]), instant(body["ending_before"])
    if defect == "bounds are cut to their day":
        start, end = (
            each.replace(hour=0, minute=0, second=0, microsecond=0) for each in (start, end)
        )
    free = defect == "hours may start at any time" and size.lower() == "hour"
    if defect == "an end is cut to its hour":
        end = end.replace(minute=0, second=0, microsecond=0)
    if not free and any(each.time() != _MIDNIGHT for each in (start, end)):
        raise Refused("bounds are midnights")
    if defect == "a span that is turned round is empty" and end < start:
        return size.lower(), start, start
    least = 2 * _DAY if defect == "a span of a day is refused" else _DAY
    if end - start > _LONGEST and size.lower() != "none":
        raise Refused("ten years at most")
    if end - start < least and defect != "an empty span passes":
        raise Refused("a day at least")
    return size.lower(), start, end


def _windows(size: str, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    step = _SIZES[size]
    if step is None:
        return [(start, end)]
    return [(start + n * step, start + (n + 1) * step) for n in range((end - start) // step)]


def _uuid(text: Any, defect: str | None) -> str:
    try:
        return str(UUID(text))
    except (TypeError, ValueError, AttributeError):
        if defect == "any text is an id":
            return str(text)
        raise Refused(f"no uuid: {text}") from None


def _customers(store: Store, body: dict[str, Any]) -> list[str] | None:
    if "customer_ids" not in body:
        return None
    asked = texts(body["customer_ids"], "customer_ids")
    found = [_uuid(each, store.defect) for each in asked]
    if store.defect == "an unknown customer is refused" and not all(map(store.owner, found)):
        raise Refused("whose?", 404)
    return found


def _selected(body: dict[str, Any], defect: str | None) -> dict[str, Any] | None:
    """Metrics that are asked for, with how they are grouped."""
    if "billable_metrics" not in body:
        return None
    given = body["billable_metrics"]
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise Refused("billable_metrics is no list of objects")
    asked = texts([each.get("id") for each in given], "billable_metrics")
    if defect == "an unknown metric means all" and not NAMES.keys() >= {*asked}:
        return None
    found = {_uuid(each["id"], defect): _group(each) for each in given}
    for metric, group in found.items():
        declared = METRICS[NAMES[metric]][4] if metric in NAMES else None
        if group and group["key"] != declared and defect != "any group key will do":
            raise Refused(f"no group key: {group['key']}")
    if defect == "all are grouped where one is":
        found = dict.fromkeys(found, next(filter(None, found.values()), None))
    return found


def _group(asked: dict[str, Any]) -> dict[str, Any] | None:
    if "group_by" not in asked:
        return None
    group = asked["group_by"]
    if not isinstance(group, dict) or not isinstance(group.get("key"), str):
        raise Refused("group_by needs its key")
    texts(group.get("values", []), "values")
    return group


def _rows(
    store: Store,
    customer: str,
    metric: str,
    windows: list[tuple[datetime, datetime]],
    group: Any,
    size: str,
) -> list[dict[str, Any]]:
    every = store.events(customer, metric, windows[0][0], windows[-1][1]) if windows else []
    found = [
        _row(store, customer, metric, each, _within(store, every, each, size), group, size)
        for each in windows
    ]
    if store.defect == "gaps are 0" and every:
        found = [{**row, "value": row["value"] or 0} for row in found]
    return found


def _within(store: Store, every: Any, window: tuple[datetime, datetime], size: str) -> list[Any]:
    start, end = window
    if store.defect == "none leaves its last day out" and size == "none":
        end -= _DAY
    if store.defect == "midnight is of the day before":
        every = [(at - _TICK * (at.time() == _MIDNIGHT), *more) for at, *more in every]
    if store.defect == "the last hour of a day counts nothing" and size == "hour":
        every = [each for each in every if each[0].hour < 23]
    last = end if store.defect == "windows include their end" else end - timedelta(microseconds=1)
    return [each for each in every if start <= each[0] <= last]


def _row(
    store: Store,
    customer: str,
    metric: str,
    window: tuple[datetime, datetime],
    events: list[Any],
    group: Any,
    size: str,
) -> dict[str, Any]:
    start, end = window
    if store.defect == "one window spans what was used" and size == "none" and events:
        start, end = events[0][0], events[-1][0]
    if store.defect == "none ends now at the latest" and size == "none":
        end = min(end, max(NOW, start + _DAY))
    if store.defect == "windows end a second early":
        end -= _SECOND
    row = {
        "customer_id": customer,
        "customer_name": "of no use to anybody",
        "billable_metric_id": metric,
        "billable_metric_name": NAMES[metric],
        "start_timestamp": start.isoformat(),
        "end_timestamp": end.isoformat(),
        "value": store.aggregate(metric, events, hourly=size == "hour"),
    }
    if row["value"] is None and store.defect == "nothing has no value":
        del row["value"]
    if group and store.defect == "groups stand for the value":
        row["value"] = None
    if store.defect == "groups are always shown":
        row["groups"] = {}
    if group and store.defect != "group_by is ignored":
        row["groups"] = _groups(store, metric, events, group)
    return row


def _groups(store: Store, metric: str, events: list[Any], group: Any) -> dict[str, Any]:
    by: dict[str, list[Any]] = {}
    for at, properties in events:
        value = str(properties.get(group["key"], "(none)"))
        by.setdefault(value, []).append((at, properties))
    if store.defect == "events without the property are in no group":
        by.pop("(none)", None)
    wanted = group.get("values")
    if wanted is None or store.defect == "values do not select":
        wanted = sorted(by)
    if store.defect == "groups are empty":
        wanted = []
    if store.defect == "values that are not found are left out":
        wanted = [each for each in wanted if each in by]
    return {each: store.aggregate(metric, by.get(each, [])) for each in wanted}
