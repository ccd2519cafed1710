"""What the lists beside usage say: which metrics there are, and what each counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from metersim.contract.exchange import Exchange
from metersim.contract.trial import Trial
from metersim.reading import Json

SUMMING = ("SUM", "COUNT")
KINDS = (*SUMMING, "MAX", "LATEST", "UNIQUE")
METRICS = "/v1/billable-metrics"
CUSTOMERS = "/v1/customers"
PAGES = 5


@dataclass(frozen=True, slots=True)
class Metric:
    """A billable metric whose events can be made.

    ``event`` is an event's type, ``properties`` what else it must have to count; ``counts`` is the
    property that is aggregated, None where events are counted.
    """

    id: str
    kind: str
    event: str
    properties: Mapping[str, str]
    counts: str | None
    group_key: str | None

    def having(self, amount: Json) -> dict[str, Json]:
        """An event's properties, by which it counts so much."""
        return {**self.properties, **({self.counts: amount} if self.counts else {})}


def listed(trial: Trial, **query: str) -> list[Mapping[str, Json]]:
    """Metrics as the list has them; none where there is no such list.

    Asked for outside the document: not everybody who answers for usage has these lists too.
    """
    return walked(trial, METRICS, **query)[0]


def walked(trial: Trial, path: str, **query: str) -> tuple[list[Mapping[str, Json]], bool]:
    """What stands on a list's first pages, and whether there are no more."""
    found: list[Mapping[str, Json]] = []
    cursor: str | None = None
    for _ in range(PAGES):
        more = {} if cursor is None else {"next_page": cursor}
        reply: Exchange = trial.send("GET", path, query={**query, **more})
        page = reply.json if reply.succeeded and "json" in reply.media_type else None
        if not isinstance(page, dict) or not isinstance(page.get("data"), list):
            return found, False
        found += [each for each in page["data"] if isinstance(each, dict) and each.get("id")]
        cursor = page.get("next_page")
        if not cursor:
            return found, True
    return found, False


def archived_metrics(trial: Trial) -> set[str]:
    """Ids of the metrics that are archived, as far as anyone says."""
    every = listed(trial, include_archived="true")
    return {each["id"].lower() for each in every if each.get("archived_at")}


def metrics(trial: Trial, *kinds: str) -> list[Metric]:
    """Metrics of these kinds whose events can be made; those that split by something first."""
    found = [_metric(each) for each in listed(trial) if not each.get("archived_at")]
    fitting = [each for each in found if each is not None and each.kind in kinds]
    return sorted(fitting, key=lambda each: (each.group_key is None, each.kind != "SUM"))


def _metric(row: Mapping[str, Json]) -> Metric | None:
    events = (row.get("event_type_filter") or {}).get("in_values")
    kind, counts = row.get("aggregation_type"), row.get("aggregation_key")
    if not events or not kind or (kind == "COUNT") == bool(counts):
        return None
    properties: dict[str, str] = {}
    for each in row.get("property_filters") or ():
        name, allowed = each.get("name", ""), each.get("in_values")
        if name == counts:
            if allowed or each.get("not_in_values") or each.get("exists") is False:
                return None
        elif allowed:
            properties[name] = allowed[0]
        elif each.get("exists") is not False:
            properties[name] = "metersim-check"
    keys = [key[0] for key in row.get("group_keys") or () if len(key) == 1]
    return Metric(row["id"].lower(), kind, events[0], properties, counts, next(iter(keys), None))
