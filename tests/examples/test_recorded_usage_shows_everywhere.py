"""Usage recorded through Mudbase is the same usage to Metronome."""

from metronome import Metronome
from mudbase import ApiClient, BillingApi, Configuration, RecordUsageRequest

from metersim import Simulator


def test_recorded_calls_are_billed() -> None:
    with (
        Simulator(scenario="default") as sim,
        ApiClient(Configuration(host=sim.mudbase.url)) as mudbase,
        Metronome(base_url=sim.metronome.url, bearer_token=sim.metronome.token) as metronome,
    ):
        emails = next(meter for meter in sim.state["meters"] if meter["key"] == "emails")

        def emails_today() -> float | None:
            page = metronome.v1.usage.list(
                window_size="NONE",
                starting_on="2026-03-18T00:00:00Z",
                ending_before="2026-03-19T00:00:00Z",
                customer_ids=["550e8400-e29b-41d4-a716-446655440000"],
                billable_metrics=[{"id": emails["id"]}],
            )
            return page.data[0].value

        before = emails_today()
        request = RecordUsageRequest(
            email="melanie_mckenzie@northwind.dev", metric="emails", quantity=25
        )
        BillingApi(mudbase).record_usage("proj_nCBo0AB7UWpj", request)
        assert emails_today() == (before or 0) + 25
