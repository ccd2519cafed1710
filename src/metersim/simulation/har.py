"""The journal as an HTTP archive (HAR 1.2), which browsers and many other tools open."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus
from importlib.metadata import version

from metersim.billing.instants import TICK, to_exact
from metersim.billing.quantity import divide
from metersim.reading import Json
from metersim.simulation.exchange import Body, Entry, Received, Sent
from metersim.simulation.logged import about

_HTTP = "HTTP/1.1"
_UNKNOWN = -1
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
# What browsers write for a request that was never answered.
_UNANSWERED = Sent(0)


def har(entries: Iterable[Entry], dropped: int = 0) -> Json:
    """The archive, and how many entries were dropped before these.

    What it has no word for stands under ``_metersim``, as its rules have it.
    """
    log: dict[str, Json] = {
        "version": "1.2",
        "creator": {"name": "metersim", "version": version("metersim")},
        "entries": [_entry(entry) for entry in entries],
    }
    if dropped:
        log["comment"] = f"{dropped} calls were dropped to stay within the journal's bounds"
    return {"log": log}


def _entry(entry: Entry) -> Json:
    time = _milliseconds(entry.delay + entry.took * TICK)
    return {
        "startedDateTime": to_exact(entry.at),
        "time": time,
        "request": _request(entry.request),
        "response": _response(entry.response or _UNANSWERED),
        "cache": {},
        "timings": {"send": 0, "wait": time, "receive": 0},
        "_metersim": about(entry),
    }


def _request(request: Received) -> Json:
    return {
        "method": request.method,
        "url": request.absolute_url,
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _headers(request.headers),
        "queryString": [
            {"name": name, "value": value}
            for name, values in request.query.items()
            for value in values
        ],
        "headersSize": _UNKNOWN,
        "bodySize": _size(request.body),
        **_posted(request),
    }


def _posted(request: Received) -> dict[str, Json]:
    if not request.body.content:
        return {}
    content = _content(request.body, request.headers)
    del content["size"]
    return {"postData": content}


def _response(response: Sent) -> Json:
    return {
        "status": response.status,
        "statusText": _PHRASES.get(response.status, ""),
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _headers(response.headers),
        "content": _content(response.body, response.headers),
        "redirectURL": response.headers.get("location", ""),
        "headersSize": _UNKNOWN,
        "bodySize": _size(response.body),
    }


def _content(body: Body, headers: Mapping[str, str]) -> dict[str, Json]:
    content: dict[str, Json] = {
        "size": _size(body),
        "mimeType": headers.get("content-type", "application/octet-stream"),
        "text": body.text,
    }
    if body.binary:
        content |= {"text": b64encode(body.content).decode(), "encoding": "base64"}
    if body.cut:
        content["comment"] = f"only the first {len(body.content)} bytes were kept"
    return content


def _headers(headers: Mapping[str, str]) -> Json:
    return [{"name": name, "value": value} for name, value in headers.items()]


def _size(body: Body) -> int:
    return _UNKNOWN if body.size is None else body.size


def _milliseconds(duration: timedelta) -> Decimal:
    return divide(Decimal(duration // TICK), Decimal(1_000), 3)
