"""A session of `requests` sends again what is refused with 429 and 503, as `Retry-After` says."""

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from metersim.client.session import SessionHandle

REFUSALS = [
    {"vendor": "mudbase", "times": 1, "problem": {"status": 429, "retryAfter": 1}},
    {"vendor": "mudbase", "times": 1, "problem": {"status": 503, "retryAfter": 1}},
]
USAGE = {"email": "melanie_mckenzie@northwind.dev", "metric": "emails", "quantity": 25}


@pytest.mark.metersim(faults=REFUSALS)
def test_usage_that_is_refused_twice_is_recorded_once(metersim: SessionHandle) -> None:
    # Refused is not recorded: here it is safe to send a POST again.
    again = Retry(total=2, status_forcelist=[429, 503], allowed_methods=["POST"])
    path = "/api/billing/public/projects/proj_nCBo0AB7UWpj/usage"
    with requests.Session() as session:
        session.trust_env = False  # the machine's proxy knows nothing of a simulator beside it
        session.mount(metersim.url, HTTPAdapter(max_retries=again))
        session.post(metersim.mudbase.url + path, json=USAGE, timeout=10).raise_for_status()
    assert [event["properties"]["quantity"] for event in metersim.state["events"]] == [25]
    answers = [each["response"]["status"] for each in metersim.journal.requests()]
    assert answers == [429, 503, 200]
