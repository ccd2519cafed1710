"""An HTTP archive (HAR 1.2) of what was asked and answered, for browsers and many other tools."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from metersim.billing.instants import TICK, to_exact
from metersim.billing.quantity import divide
from metersim.reading import Json

_HTTP = "HTTP/1.1"
_UNKNOWN = -1
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_CUT = "…"


def har(told: Json) -> Json:
    """The exchanges in the order they were made in; says how many are gone before them."""
    log: dict[str, Json] = {
        "version": "1.2",
        "creator": {"name": "metersim", "version": told["metersim"]},
        "entries": [_entry(each) for each in told["exchanges"]],
    }
    if told["dropped"]:
        log["comment"] = f"{told['dropped']} earlier exchanges were dropped: a run keeps the latest"
    return {"log": log}


def _entry(exchange: Json) -> Json:
    time = _milliseconds(exchange["took"])
    return {
        "startedDateTime": to_exact(exchange["at"]),
        "time": time,
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": time, "receive": 0},
        # What the format has no word for.
        "_metersim": {"operation": exchange["operation"], "curl": exchange["curl"]},
    }


def _request(exchange: Json) -> Json:
    query = urlsplit(exchange["url"]).query
    request: dict[str, Json] = {
        "method": exchange["method"],
        "url": exchange["url"],
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _headers(exchange["request_headers"]),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(query, keep_blank_values=True)
        ],
        "headersSize": _UNKNOWN,
        "bodySize": exchange["request_size"],
    }
    if exchange["request_size"]:
        request["postData"] = _content(
            exchange["request"], exchange["request_headers"], exchange["request_size"]
        )
    return request


def _response(exchange: Json) -> Json:
    size = exchange["reply_size"]
    content = _content(exchange["reply"], exchange["headers"], size)
    return {
        "status": exchange["status"],
        "statusText": _PHRASES.get(exchange["status"], ""),
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _headers(exchange["headers"]),
        "content": {"size": size, **content},
        "redirectURL": exchange["headers"].get("location", ""),
        "headersSize": _UNKNOWN,
        "bodySize": size,
    }


def _content(text: str, headers: Json, size: int) -> dict[str, Json]:
    media_type = headers.get("content-type", "application/octet-stream")
    content: dict[str, Json] = {"mimeType": media_type, "text": text}
    if text.endswith(_CUT) and len(text) < size:
        content["comment"] = f"only the first {len(text) - 1} characters were kept"
    return content


def _headers(headers: Json) -> Json:
    return [{"name": name, "value": value} for name, value in headers.items()]


def _milliseconds(duration: timedelta) -> Decimal:
    return divide(Decimal(duration // TICK), Decimal(1_000), 3)
