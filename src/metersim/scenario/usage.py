"""Usage as a scenario says it: rows of series, for one customer or each of many, and events."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache, partial

from metersim.billing.instants import LATEST, parse_date_or_instant, parse_duration
from metersim.billing.patterns import Episodes, Pattern
from metersim.billing.quantity import ONE, add, divide, exact, multiply
from metersim.billing.sources import SeriesFamily
from metersim.billing.usage import Series, UsageEvent, Value
from metersim.reading import Json
from metersim.scenario.population import EACH
from metersim.world.identifiers import Identifiers

STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
_THOUSAND = Decimal(1_000)


def families(
    rows: list[Json], generated: Collection[str], identifiers: Identifiers
) -> Iterator[SeriesFamily]:
    """The series of each row: of one customer, or of every generated one."""
    for row in rows:
        customers = generated if row["customer"] == EACH else (row["customer"],)
        yield SeriesFamily(row["event"], customers, _maker(row, identifiers))


def _maker(row: Json, identifiers: Identifiers) -> Callable[[str], list[Series]]:
    # What it says, not its number: a row added above changes nothing that is drawn here, nor do
    # keys written in another order.
    said = json.dumps(row, default=str, sort_keys=True)
    each = row["customer"] == EACH
    # What a thousand customers have alike is read once.
    alike = cache(lambda: list(_series(row)))

    def series_of(customer: str) -> list[Series]:
        seed = identifiers.token("series", said, *([customer] if each else []))
        project = customer if row.get("project") == EACH else row.get("project")
        mean = _mean(row, seed)
        return [
            make(
                seed=seed,
                customer=customer,
                project=project,
                pattern=replace(pattern, mean=mean),
            )
            for make, pattern in alike()
        ]

    return series_of


def _series(row: Json) -> Iterator[tuple[Callable[..., Series], Pattern]]:
    """What makes one series; or one for each share of the amounts that is charged at another time.

    Whose it is, and what is drawn for them, is still to come; the mean is that of all of them.
    """
    step = STEPS[row.get("every", "hour")]
    split: tuple[int, ...] = ()
    lags = shares(row)
    for lag, share in lags.items():
        split += (thousandths(share),)
        make = partial(
            Series,
            name=row["event"],
            start=parse_date_or_instant(row["from"]),
            step=step,
            end=parse_date_or_instant(row["until"]) if "until" in row else LATEST,
            lag=parse_duration(lag),
            property=row.get("property", "quantity"),
            properties=_properties(row),
        )
        yield make, _pattern(row, step, split if len(lags) > 1 else ())


def shares(row: Json) -> Mapping[str, Decimal]:
    """How much of the amounts of a row is charged how much later."""
    late = row.get("charged_after", "PT0S")
    return {late: ONE} if isinstance(late, str) else late


def thousandths(number: Decimal | int) -> int:
    """A share or a rate that has three decimals at most, as a whole number."""
    return int(multiply(exact(number), _THOUSAND))


def _pattern(row: Json, step: timedelta, split: tuple[int, ...]) -> Pattern:
    return Pattern(
        mean=exact(row["amount"]),
        unit=exact(row.get("unit", 1)),
        rhythm=row.get("rhythm", "flat"),
        growth=thousandths(row.get("growth", 0)),
        noise=thousandths(row.get("noise", 0)),
        holds=parse_duration(row["holds"]) // step if "holds" in row else None,
        bursts=_episodes(row.get("bursts"), step),
        gaps=_episodes(row.get("gaps"), step),
        split=split,
    )


def _mean(row: Json, seed: str) -> Decimal:
    """The amount; of a generated customer more or less of it, at most by its spread."""
    drawn = int(seed[:8], 16) * 2_001 // (1 << 32) - 1_000
    factor = add(ONE, divide(multiply(exact(row.get("spread", 0)), Decimal(drawn)), _THOUSAND, 6))
    return multiply(exact(row["amount"]), factor)


def _episodes(row: Json, step: timedelta) -> Episodes | None:
    if row is None:
        return None
    return Episodes(
        every=parse_duration(row["every"]) // step,
        lasting=parse_duration(row["lasting"]) // step,
        times=row.get("times", 0),
        at=parse_duration(row["at"]) // step if "at" in row else None,
    )


def events(rows: list[Json], identifiers: Identifiers) -> list[UsageEvent]:
    """The single events, in the order in which they are written."""
    return [_event(row, identifiers.uuid("opening event", str(i))) for i, row in enumerate(rows)]


def _event(row: Json, event_id: str) -> UsageEvent:
    occurred = parse_date_or_instant(row["at"])
    charged = parse_date_or_instant(row["charged_at"]) if "charged_at" in row else occurred
    quantity = {"quantity": exact(row["quantity"])} if "quantity" in row else {}
    return UsageEvent(
        id=event_id,
        name=row["event"],
        customer=row["customer"],
        project=row.get("project"),
        occurred=occurred,
        charged=charged,
        properties={**_properties(row), **quantity},
    )


def _properties(row: Json) -> dict[str, Value]:
    given = row.get("properties", {})
    return {k: v if isinstance(v, str) else exact(v) for k, v in given.items()}
