"""A usage panel in a real browser: a person sees the month pass, the overage and an outage."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from metersim.client.session import SessionHandle
from tests.browser import chromium


@pytest.fixture
def panel(metersim: SessionHandle) -> Iterator[Page]:
    with chromium() as browser:
        page = browser.new_page()  # of another origin: metersim_cors_origins in the ini file
        page.clock.install()
        file, api = Path(__file__).with_name("panel.html").as_uri(), metersim.saas
        page.goto(f"{file}?api={api.url}&token={api.token}")
        yield page


def test_a_person_sees_the_month_the_overage_and_the_outage(
    metersim: SessionHandle, panel: Page
) -> None:
    calls, cost = panel.get_by_role("region", name="API Calls"), panel.get_by_role("status")
    expect(calls).to_contain_text("63,312 of 100,000 requests, 63.3 %")
    metersim.clock.advance(days=12)
    panel.reload()
    expect(calls).to_contain_text("106,232 of 100,000 requests, 106.2 % 6,232 requests over")
    expect(cost).to_have_text("$40.83, $11.83 of it for overage")
    metersim.faults.add(vendor="saas", problem={"status": 500})
    panel.reload()
    expect(panel.get_by_role("main")).to_have_text("No usage: Internal Server Error")
    metersim.faults.clear()
    metersim.faults.add(vendor="saas", delay={"fixedDelayMilliseconds": 40_000})
    panel.reload()
    panel.clock.fast_forward(20_000)
    expect(panel.get_by_role("main")).to_have_text("No usage: the billing API does not answer")
