"""The vendor's own SDK pages on after a refusal, and no row is lost."""

from metronome import Metronome

from metersim import Simulator


def test_a_page_that_is_refused_is_asked_for_again() -> None:
    with (
        Simulator() as sim,
        Metronome(base_url=sim.metronome.url, bearer_token=sim.metronome.token) as client,
    ):
        too_many = {"status": 429, "retryAfter": 1}
        sim.faults.add(operation="listUsage", problem=too_many, after=1, times=1)
        pages = client.v1.usage.list(
            window_size="DAY",
            starting_on="2026-02-01T00:00:00Z",
            ending_before="2026-03-01T00:00:00Z",
        )
        windows = [(row.customer_id, row.billable_metric_id, row.start_timestamp) for row in pages]
        assert len(windows) == len(set(windows)) == 4 * 12 * 28  # customers × metrics × days
        answers = [each["response"]["status"] for each in sim.journal.requests()]
        assert answers[:3] == [200, 429, 200]
