"""How the Monk of the tests reads what it is asked and sent, and spells what it answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

NOW = datetime(2026, 5, 20, 14, 30, tzinfo=UTC)
# Field or id -> the customer, if there is one.
Known = Callable[[str, object], str | None]


class Refused(Exception):
    """A call that is refused, with status and code."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def invalid(message: str) -> Refused:
    """A call that is no good."""
    return Refused(400, "VALIDATION_ERROR", message)


def read_span(body: dict[str, Any], defect: str | None) -> tuple[datetime, datetime]:
    """The two dates."""
    start, end = (_date(body, field, defect) for field in ("startDate", "endDate"))
    passes = {"an empty span passes": start == end, "a span may run backwards": start > end}
    if start >= end and not passes.get(defect or ""):
        raise invalid("nothing lies between these dates")
    return start, end


def _date(body: dict[str, Any], field: str, defect: str | None) -> datetime:
    text = body.get(field)
    if defect == "no end means now" and field == "endDate" and text is None:
        return NOW
    if defect == "no start means today" and field == "startDate" and text is None:
        return NOW.replace(hour=0, minute=0)
    status = 422 if defect == "422 for what is malformed" else 400
    try:
        if not isinstance(text, str):
            raise ValueError
        instant = datetime.fromisoformat(text)
        if defect == "bare dates are taken" and len(text) == 10:
            return instant.replace(tzinfo=UTC)
        if instant.tzinfo is None or defect == "offsets are refused" and "+" in text:
            raise ValueError
        if defect == "offsets are ignored" and "+" in text:
            return instant.replace(tzinfo=UTC)
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(status, "VALIDATION_ERROR", f"{field} is no date-time") from None


def read_customer(body: dict[str, Any], known: Known, defect: str | None) -> str:
    """The one customer that the ids name."""
    given = _given(body, defect)
    if defect == "nobody in particular is let pass" and not given:
        return "anybody"
    found = [known(field, body[field]) for field in given]
    if not found:
        raise invalid("whose usage?")
    if None in found:
        code = "CUSTOMER_MISSING" if defect == "another code for 404" else "NOT_FOUND"
        if defect == "an unknown customer used nothing":
            return "nobody"
        raise Refused(400 if defect == "400 for an unknown customer" else 404, code, "who?")
    if len(set(found)) > 1:
        raise invalid("these are two customers")
    return str(found[0])


def _given(body: dict[str, Any], defect: str | None) -> list[str]:
    """The fields by which a customer is named."""
    given: list[str] = [field for field in ("customerId", "externalCustomerId") if field in body]
    if "customerId" in given and defect != "any text is an id":
        try:
            UUID(body["customerId"])
        except (AttributeError, TypeError, ValueError):
            raise invalid("customerId is no uuid") from None
    if defect == "customerId goes before the other":
        return given[:1]
    return given[-1:] if defect == "externalCustomerId goes before the other" else given


def read_list(body: dict[str, Any], field: str, most: int, defect: str | None) -> Any:
    """A list of at most so many, or none."""
    if field not in body:
        return None
    given, fits = body[field], _is_filter if field == "propertyFilters" else _is_text
    if not isinstance(given, list) or not all(map(fits, given)):
        raise invalid(f"{field} is no list of what it is to hold")
    if defect == f"{most} of {field} are refused":
        most -= 1
    if len(given) > most and defect != f"{most + 1} of {field} pass":
        raise invalid(f"more than {most} of {field}")
    return given


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_filter(given: object) -> bool:
    if not isinstance(given, dict):
        return False
    return _is_text(given.get("key")) and _is_text(given.get("value"))


def read_rate(body: dict[str, Any], defect: str | None) -> int | None:
    """Cents per credit, or none."""
    if "creditRateCents" not in body:
        return None
    rate = body["creditRateCents"]
    if defect == "a rate of 0 is none" and rate == 0:
        return None
    if defect == "fractions of a rate are cut" and rate > 0:
        return max(int(rate), 1)
    if defect == "negative rates pass" and rate < 0:
        return int(rate)
    if type(rate) is not int or rate < 1:
        raise invalid("creditRateCents is no positive whole number")
    return rate


def read_event(
    event: Any, known: Known, defect: str | None, furthest: timedelta | None
) -> dict[str, Any]:
    """A usage event with its customer and its instant."""
    if not isinstance(event, dict) or not _is_text(event.get("eventName")):
        raise invalid("an event has a name")
    if "idempotencyKey" in event and not _is_text(event["idempotencyKey"]):
        raise invalid("idempotencyKey is no text")
    if not isinstance(event.get("properties", {}), dict):
        raise invalid("properties are an object")
    at = _date(event, "timestamp", defect) if "timestamp" in event else NOW
    if furthest is not None and at > NOW + furthest:
        raise invalid("that is yet to happen")
    return {**event, "customer": read_customer(event, known, defect), "at": at}


def spelt(name: str, instant: datetime, defect: str | None) -> str:
    """A date of the reply."""
    if defect == "dates in local time" and name != "queriedAt":
        instant = instant.astimezone(timezone(timedelta(hours=1)))
    text = instant.replace(tzinfo=None).isoformat(timespec="milliseconds")
    if defect == "dates without milliseconds" and name != "queriedAt":
        text = text[:19]
    return text + "Z"


def total(dollars: Decimal, rate: int | None, defect: str | None) -> dict[str, Any]:
    """The total in dollars or in credits."""
    nothing = defect == "null for no usage" and not dollars
    if rate is None:
        currency = "usd" if defect == "currency in lower case" else "USD"
        unit = "USD" if defect == "unit USD" else "currency"
        found = {"totalAmount": None if nothing else dollars, "currency": currency, "unit": unit}
        return {**found, "creditRateCents": None} if defect == "a rate of null" else found
    credits = dollars / rate if defect == "a rate in dollars" else dollars * 100 / rate
    if defect in ("whole credits", "credits in cents"):
        credits = round(credits, 0 if defect == "whole credits" else 2)
    answer: dict[str, Any] = {"totalAmount": None if nothing else credits, "unit": "credits"}
    if defect != "the rate is not told":
        answer["creditRateCents"] = rate
    return {**answer, "currency": "USD"} if defect == "a currency beside credits" else answer
