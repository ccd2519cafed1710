"""Asks for an account's usage, and a small world in which the answers can be reckoned by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.wire import Answer, Simulated, simulate

PATH = "/api/billing/usage"
BACKWARDS = "Invalid date range: startDate must be before endDate"
IDS = ["apiCalls", "storage", "seats", "bandwidth", "emails", "webhooks"]

# Ten of March's 31 days have passed. The plan has a meter that the vendor has no metric for.
SMALL_WORLD = """
clock: 2024-03-11T00:00:00Z
meters:
  api_calls: {name: Calls, unit: calls}
  storage: {name: Disk, aggregation: LATEST}
  seats: {aggregation: LATEST}
  bandwidth: {name: Traffic}
  webhooks: {name: Hooks, status: inactive}
  emails: {name: Letters, status: archived}
  cpu_hours: {}
plans:
  team:
    price: 29.00
    currency: EUR
    includes:
      emails: {amount: 1, overage_price: 50}
      webhooks: {amount: 1, overage_price: 50}
      bandwidth: {amount: 3}
      storage: {amount: 0, overage_price: 0.25}
      api_calls: {amount: 90, overage_price: 0.015}
      cpu_hours: {amount: 1, overage_price: 2}
customers:
  acme: {plan: team, emails: [acme@example.com]}
  guest: {}
projects:
  site: {id: proj_site, customer: acme}
credentials:
  guest-token: {scopes: ["usage:read"], customer: guest}
events:
  - {at: 2023-03-10T23:59:59Z, customer: acme, event: api_calls, quantity: 1000}
  - {at: 2023-03-11T00:00:00Z, customer: acme, event: api_calls, quantity: 7}
  - {at: 2023-03-10T23:59:59Z, customer: acme, event: seats, quantity: 9}
  - {at: 2024-01-20T00:00:00Z, customer: acme, event: storage, quantity: 40}
  - {at: 2024-02-10T00:00:00Z, customer: acme, event: bandwidth, quantity: -5}
  - {at: 2024-02-20T00:00:00Z, customer: acme, event: storage, quantity: 12.5}
  - {at: 2024-02-29T23:59:59.999999Z, customer: acme, event: api_calls, quantity: 50}
  - {at: 2024-03-01T00:00:00Z, customer: acme, event: api_calls, quantity: 100}
  - {at: 2024-03-05T12:30:15.5Z, customer: acme, event: api_calls, quantity: 17}
  - {at: 2024-03-06T00:00:00Z, customer: acme, event: bandwidth, quantity: 1.111}
  - {at: 2024-03-06T00:00:00Z, customer: acme, event: cpu_hours, quantity: 2.5}
  - {at: 2024-03-06T00:00:00Z, customer: acme, event: webhooks, quantity: 3}
  - {at: 2024-03-06T00:00:00Z, customer: acme, event: emails, quantity: 3}
  - {at: 2024-03-07T00:00:00Z, customer: guest, event: api_calls, quantity: 4}
  - {at: 2024-03-12T00:00:00Z, customer: acme, event: api_calls, quantity: 500}
  - {at: 2024-03-12T00:00:00Z, customer: acme, event: storage, quantity: 99}
"""


def small_world(folder: Path, text: str = SMALL_WORLD) -> Simulated:
    path = folder / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return simulate(path)


def ask(simulator: Simulated, token: str = "metersim-token", **query: str) -> Answer:
    """Whatever the answer."""
    return simulator.caller("saas", token).get(PATH, query)


def usage(simulator: Simulated, token: str = "metersim-token", **query: str) -> Any:
    """The data of an answer that is no refusal."""
    answer = ask(simulator, token, **query)
    assert (answer.status, answer.data.keys()) == (200, {"success", "data"}), answer.text
    assert answer.data["success"] is True
    return answer.data["data"]


def used(simulator: Simulated, metric: str, **query: str) -> Any:
    """What was used of a metric in the span."""
    return usage(simulator, metrics=metric, **query)["metrics"][metric]["used"]


def assert_refused(answer: Answer, status: int, code: str, *words: str) -> None:
    """A refusal in the one envelope, whose message holds the words."""
    assert (answer.status, answer.data.keys()) == (status, {"success", "error"}), answer.text
    assert answer.data["success"] is False
    error = answer.data["error"]
    assert (error.keys(), error["code"]) == ({"code", "message"}, code)
    for word in words:
        assert word in error["message"]
