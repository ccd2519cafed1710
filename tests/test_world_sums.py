"""The parts add up to the whole in every report of every vendor, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metersim.billing.quantity import ZERO, add, exact, multiply, total
from tests.vendors.metronome import asking as metronome
from tests.vendors.mkio import calls as mkio
from tests.vendors.monk import asking as monk
from tests.vendors.saas import asking as saas
from tests.views import METERS, metronome_value, mkio_quantity, monk_amount, record, saas_used
from tests.wire import simulate

meters = st.sampled_from(sorted(METERS))
days = st.dates(date(2025, 11, 1), date(2026, 3, 20))
cuts = st.lists(days, min_size=2, max_size=5, unique=True).map(sorted)


def parts(span: list[date]) -> Iterator[tuple[date, date]]:
    return zip(span, span[1:], strict=False)


@settings(max_examples=25)
@given(meters, cuts)
def test_world_06_adjacent_spans_add_up_at_every_vendor(meter: str, span: list[date]) -> None:
    sim = simulate()
    for view in (metronome_value, saas_used, mkio_quantity, monk_amount):
        whole = view(sim, meter, span[0], span[-1])
        assert total(view(sim, meter, *part) for part in parts(span)) == whole


@settings(max_examples=25)
@given(days, st.integers(1, 12))
def test_world_06_hours_days_and_groups_add_up_to_the_window(start: date, length: int) -> None:
    sim = simulate()
    metrics = [
        {"id": metronome.meter(sim, "api_calls"), "group_by": {"key": "region"}},
        {"id": metronome.meter(sim, "token_used"), "group_by": {"key": "model"}},
    ]
    by_size = []
    for size in ("hour", "day", "none"):
        end = start + timedelta(days=length)
        rows = metronome.rows(sim, metronome.query(start, end, size, billable_metrics=metrics))
        sums: dict[tuple[str, str], Decimal] = {}
        for row in rows:
            value = row["value"] or ZERO
            assert total(exact(str(each)) for each in row["groups"].values()) == value
            pair = row["customer_id"], row["billable_metric_id"]
            sums[pair] = add(sums.get(pair, ZERO), value)
        by_size.append(sums)
    assert by_size[0] == by_size[1] == by_size[2]


@settings(max_examples=15)
@given(days, st.integers(1, 31), st.booleans(), st.booleans())
def test_world_06_projects_methods_and_buckets_add_up_to_the_report(
    start: date, length: int, by_charge_date: bool, reassigned: bool
) -> None:
    client = simulate().caller("mkio")
    if reassigned:
        assert mkio.assign(client, "my-project", "pm-direct").status == 200
        assert mkio.assign(client, "heron-idea", "pm-aws").status == 200
    keys, span = ("meter", "currency"), mkio.span(start, length)
    options: mkio.Options = {"filterOnReportedDate": by_charge_date}
    rows = mkio.report(client, *span, **options)
    whole = mkio.sums(rows, *keys)
    for unit in ("hour", "week", "month", "year"):
        assert mkio.sums(mkio.report(client, *span, granularity=unit, **options), *keys) == whole
    for name, filtered in (
        ("projectName", "projectNames"),
        ("paymentMethodId", "paymentMethodIds"),
    ):
        split: list[mkio.Row] = []
        for each in sorted({row[name] for row in rows}):
            filters: mkio.Options = {filtered: [each], **options}
            split += mkio.report(client, *span, **filters)
        assert mkio.sums(split, *keys) == whole


@settings(max_examples=25)
@given(cuts, st.lists(meters, max_size=4))
def test_world_06_costs_of_meters_add_up_to_the_cost_of_all(
    span: list[date], recorded: list[str]
) -> None:
    sim = simulate()
    for meter in recorded:
        record(sim, meter, Decimal("0.07"))
    bounds = {"startDate": f"{span[0]}T00:00:00Z", "endDate": f"{span[-1]}T00:00:00Z"}
    names = sorted({name for meter in sim.state["meters"] for name in meter["events"]})
    costs = [monk.cost(sim, eventNames=[name], **bounds) for name in names]
    assert total(costs) == monk.cost(sim, **bounds)
    half = len(names) // 2
    halves = (names[:half], names[half:])
    assert total(monk.cost(sim, eventNames=each, **bounds) for each in halves) == total(costs)


@pytest.mark.parametrize("token", ["metersim-token", "larkspur-token", "heron-token"])
def test_world_06_overages_add_up_to_the_estimated_cost(token: str) -> None:
    sim = simulate()
    record(sim, "api_calls", 10**6)
    plans, data = sim.state["plans"], saas.usage(sim, token)
    cost = data["estimatedCost"]
    assert add(cost["base"], cost["overage"]) == cost["total"]
    plan = next(each for each in plans.values() if exact(str(each["price"])) == cost["base"])
    by_metric = {METERS.get(key, key): each for key, each in plan["allowances"].items()}
    overages = [
        multiply(exact(str(metric["overage"])), exact(str(by_metric[name]["overage_price"])))
        for name, metric in data["metrics"].items()
    ]
    assert total(overages) == cost["overage"]
