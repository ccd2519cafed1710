"""The vendor's own SDK, unmodified, reads a month to the last page."""

from metronome import Metronome

from metersim import Simulator


def test_a_month_of_usage_is_read_to_the_last_page() -> None:
    with (
        Simulator(scenario="default") as sim,
        Metronome(base_url=sim.metronome.url, bearer_token=sim.metronome.token) as client,
    ):
        pages = client.v1.usage.list(
            window_size="HOUR",
            starting_on="2026-02-01T00:00:00Z",
            ending_before="2026-03-01T00:00:00Z",
        )
        windows = {(row.customer_id, row.billable_metric_id, row.start_timestamp) for row in pages}
        assert len(windows) == 4 * 12 * 28 * 24  # customers × metrics × days × hours
