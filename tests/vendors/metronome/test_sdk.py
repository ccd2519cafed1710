"""The vendor's own SDK, unmodified, over a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import httpx
import metronome
import pytest
from metronome import AsyncMetronome, Metronome

from metersim import Simulator
from metersim.client.session import SessionHandle
from tests.vendors.metronome.asking import LARKSPUR, NORTHWIND

FEBRUARY: Any = {
    "window_size": "HOUR",
    "starting_on": "2026-02-01T00:00:00Z",
    "ending_before": "2026-03-01T00:00:00Z",
    "customer_ids": [LARKSPUR, NORTHWIND],
}
HOURS = 28 * 24
CALLS: Any = {
    "transaction_id": "f3c1",
    "customer_id": "kestrel",
    "event_type": "api_calls",
    "timestamp": "2026-03-18T09:30:00Z",
    "properties": {"quantity": "25"},
}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(scenario="default") as running:
        yield running


@pytest.fixture
def client(simulator: Simulator) -> Iterator[Metronome]:
    with connect(simulator) as connected:
        yield connected


def connect(simulator: SessionHandle, token: str = "metersim-token", path: str = "") -> Metronome:
    """A client that tries once, and takes no reply that its own models do not describe."""
    return Metronome(
        base_url=simulator.metronome.url + path,
        bearer_token=token,
        max_retries=0,
        _strict_response_validation=True,
    )


def walked_by_hand(simulator: Simulator) -> list[Any]:
    """All pages of February, asked for without the SDK."""
    found = []
    cursor: str | None = ""
    headers = {"authorization": f"Bearer {simulator.metronome.token}"}
    with httpx.Client(base_url=simulator.metronome.url, headers=headers) as plain:
        while cursor is not None:
            page = {"next_page": cursor} if cursor else {}
            found.append(plain.post("/v1/usage", params=page, json=FEBRUARY).json())
            cursor = found[-1]["next_page"]
    return found


def test_every_page_is_as_it_is_without_the_sdk(client: Metronome, simulator: Simulator) -> None:
    expected = walked_by_hand(simulator)
    pages = [page.to_dict(mode="json") for page in client.v1.usage.list(**FEBRUARY).iter_pages()]
    assert len(pages) == len(expected) == 2 * 12 * 4
    for page, raw in zip(pages, expected, strict=True):
        assert page == raw


def test_auto_paging_goes_through_all_rows_to_the_end(client: Metronome) -> None:
    found = list(client.v1.usage.list(**FEBRUARY))
    pairs = {(row.customer_id, row.billable_metric_id) for row in found}
    windows = {(row.customer_id, row.billable_metric_id, row.start_timestamp) for row in found}
    assert (len(found), len(windows), len(pairs)) == (2 * 12 * HOURS, 2 * 12 * HOURS, 2 * 12)
    assert any(row.value is None for row in found)
    assert any(row.value for row in found)


def test_the_async_client_goes_through_the_same_rows(
    client: Metronome, simulator: Simulator
) -> None:
    async def walk() -> list[Any]:
        async with AsyncMetronome(
            base_url=simulator.metronome.url,
            bearer_token=simulator.metronome.token,
            max_retries=0,
            _strict_response_validation=True,
        ) as connected:
            return [row async for row in connected.v1.usage.list(**FEBRUARY)]

    assert asyncio.run(walk()) == list(client.v1.usage.list(**FEBRUARY))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)),
        (
            datetime(2026, 3, 1, 2, tzinfo=timezone(timedelta(hours=2))),
            datetime(2026, 3, 2, 19, tzinfo=timezone(timedelta(hours=-5))),
        ),
    ],
)
def test_a_datetime_with_its_offset_is_taken(
    client: Metronome, start: datetime, end: datetime
) -> None:
    page = client.v1.usage.list(window_size="DAY", starting_on=start, ending_before=end)
    assert [row.start_timestamp for row in page.data] == [
        datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2)
    ]
    assert page.data[-1].end_timestamp == end


def test_a_datetime_without_an_offset_is_refused(client: Metronome) -> None:
    naive = datetime(2026, 3, 1)  # noqa: DTZ001  # what a careless client sends
    with pytest.raises(metronome.BadRequestError) as refused:
        client.v1.usage.list(window_size="DAY", starting_on=naive, ending_before=naive)
    assert "date-time" in str(refused.value)


def test_groups_arrive_as_the_sdk_models_them(client: Metronome) -> None:
    listed = client.v1.usage.list(
        window_size="NONE",
        starting_on="2026-03-01T00:00:00Z",
        ending_before="2026-03-03T00:00:00Z",
        customer_ids=[NORTHWIND],
    )
    (bandwidth,) = [row for row in listed if row.billable_metric_name == "Bandwidth"]
    assert bandwidth.groups is None
    asked = client.v1.usage.list(
        window_size="NONE",
        starting_on="2026-03-01T00:00:00Z",
        ending_before="2026-03-03T00:00:00Z",
        customer_ids=[NORTHWIND],
        billable_metrics=[
            {
                "id": bandwidth.billable_metric_id,
                "group_by": {"key": "region", "values": ["eu", "us", "mars"]},
            }
        ],
    )
    (row,) = asked.data
    assert row.groups is not None
    assert list(row.groups) == ["eu", "us", "mars"]
    assert row.groups["mars"] is None
    assert row.groups["eu"]
    assert row.value == bandwidth.value


REFUSALS: list[tuple[str, str, dict[str, Any], type[metronome.APIStatusError]]] = [
    ("", "metersim-token", {"starting_on": "2026-02-01T01:00:00Z"}, metronome.BadRequestError),
    ("", "metersim-token", {"window_size": "WEEK"}, metronome.BadRequestError),
    ("", "metersim-token", {"next_page": "forged"}, metronome.BadRequestError),
    ("", "metersim-token", {"extra_query": {"limit": 5}}, metronome.BadRequestError),
    ("", "nobodys-token", {}, metronome.AuthenticationError),
    ("", "metersim-expired", {}, metronome.AuthenticationError),
    ("", "metersim-noscope", {}, metronome.PermissionDeniedError),
    ("/v9", "metersim-token", {}, metronome.NotFoundError),
]


@pytest.mark.parametrize(("path", "token", "change", "kind"), REFUSALS)
def test_refusals_become_the_sdks_own_exceptions(
    simulator: Simulator,
    path: str,
    token: str,
    change: dict[str, Any],
    kind: type[metronome.APIStatusError],
) -> None:
    with connect(simulator, token, path) as client, pytest.raises(kind) as refused:
        client.v1.usage.list(**{**FEBRUARY, **change})
    assert isinstance(refused.value.body, dict)
    assert list(refused.value.body) == ["message"]
    assert refused.value.body["message"] in refused.value.message


def test_a_method_that_is_not_allowed_is_a_status_error_of_405(client: Metronome) -> None:
    with pytest.raises(metronome.APIStatusError) as refused:
        client.get("/v1/usage", cast_to=object)
    assert refused.value.status_code == 405
    assert refused.value.response.headers["allow"] == "POST"


def test_a_refusal_is_final_and_no_client_tries_again(simulator: Simulator) -> None:
    tries: list[httpx.Request] = []
    with (
        httpx.Client(event_hooks={"request": [tries.append]}) as plain,
        Metronome(
            base_url=simulator.metronome.url, bearer_token="nobodys-token", http_client=plain
        ) as client,
        pytest.raises(metronome.AuthenticationError),
    ):
        client.v1.usage.list(**FEBRUARY)
    assert len(tries) == 1


def test_years_of_days_are_walked_over_the_wire(client: Metronome) -> None:
    found = client.v1.usage.list(
        window_size="DAY",
        starting_on="2020-01-01T00:00:00Z",
        ending_before="2026-01-01T00:00:00Z",
        customer_ids=[NORTHWIND],
    )
    days = (date(2026, 1, 1) - date(2020, 1, 1)).days
    assert sum(1 for _ in found) == 12 * days


def test_usage_is_ingested_and_customers_are_kept(simulator: Simulator) -> None:
    with connect(simulator.session("kept")) as client:
        client.v1.usage.ingest(usage=[CALLS])
        created = client.v1.customers.create(name="Kestrel", ingest_aliases=["kestrel"]).data
        assert [each.name for each in client.v1.customers.list(ingest_alias="kestrel")] == [
            "Kestrel"
        ]
        with pytest.raises(metronome.ConflictError):
            client.v1.customers.create(name="Hawk", ingest_aliases=["kestrel"])
        client.v1.customers.set_ingest_aliases(customer_id=created.id, ingest_aliases=["hawk"])
        assert client.v1.customers.retrieve(customer_id=created.id).data.ingest_aliases == ["hawk"]
        assert client.v1.customers.archive(id=created.id).data.id == created.id
        (found,) = client.v1.customers.list(only_archived=True, customer_ids=[created.id])
        assert found.archived_at == datetime(2026, 3, 18, 9, 30, tzinfo=UTC)


def test_an_ingestion_of_nothing_is_refused(simulator: Simulator, client: Metronome) -> None:
    with pytest.raises(metronome.BadRequestError, match="body: expected array"):
        client.v1.usage.ingest()


def test_metrics_are_listed_page_by_page_and_archived(simulator: Simulator) -> None:
    with connect(simulator.session("metrics")) as client:
        metrics = {each.name: each for each in client.v1.billable_metrics.list(limit=5)}
        assert len(metrics) == 12
        assert metrics["Active users"].aggregation_type == "UNIQUE"
        client.v1.billable_metrics.archive(id=metrics["Emails"].id)
        assert "Emails" not in {each.name for each in client.v1.billable_metrics.list()}
        whole = {each.name: each for each in client.v1.billable_metrics.list(include_archived=True)}
        assert whole["Emails"].archived_at == datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
