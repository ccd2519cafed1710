"""The scenario that is measured, and a client that asks it in process: no socket is in the way."""

from __future__ import annotations

import base64
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import msgspec

from metersim.reading import Json
from metersim.scenario import TOKEN
from metersim.server import Setup
from metersim.simulation.call import Request, as_bytes
from metersim.simulation.paging import write_cursor
from metersim.simulator import SessionInProcess
from metersim.vendors.metronome.behaviour import WINDOWS_PER_PAGE
from metersim.world.identifiers import Identifiers

Dates: TypeAlias = tuple[str, str]

BASE_URL = "http://simulator.test"
TWO_YEARS: Dates = ("2024-03-01", "2026-03-01")
HOURS = 2 * 365 * 24
MONTH: Dates = ("2026-02-01", "2026-03-01")
# The month that the clock stands in: what is recorded shows there.
THIS_MONTH: Dates = ("2026-03-01", "2026-04-01")

# Whose usage is asked for, and the project, which goes by the same key.
CUSTOMER = "customer-0001"

_GRADUATED = (
    "rate_cards: {list: {prices: {api_calls:"
    " {graduated: [{up_to: 1000000, price: 0.0004}, {price: 0.0003}]}}}}\n"
)


# Holds the files of the scenarios until the process ends.
_folder = TemporaryDirectory()


@cache
def population(customers: int, *, graduated: bool = False) -> Path:
    """The bundled scenario with so many customers, and on demand with one price of two tiers."""
    path = Path(_folder.name) / f"{customers}-{graduated}.yaml"
    text = f"include: high-cardinality\ncustomers: {{count: {customers}}}\n"
    path.write_text(text + _GRADUATED * graduated, encoding="utf-8")
    return path


class Client(SessionInProcess):
    """A session, and a question or two for each vendor; whatever is refused stops the run."""

    def __init__(self, setup: Setup, session: str = "measured") -> None:
        super().__init__(setup, BASE_URL, session)
        self.opening = setup.opening
        self._application = setup.application

    def metronome(
        self, window_size: str, dates: Dates, *, meter: str | None = None, cursor: str = ""
    ) -> None:
        """A page of everyone's usage of everything, or the customer's of one meter."""
        body = _usage_query(window_size, dates)
        if meter is not None:
            customer, metric = self.opening.customers[CUSTOMER].id, self.opening.meters[meter].id
            body |= {"customer_ids": [customer], "billable_metrics": [{"id": metric}]}
        self._ask("metronome/v1/usage", body, query=cursor and f"next_page={cursor}")

    def last_page(self, window_size: str) -> None:
        """The last page of two years. The way to it is long: its cursor is forged."""
        metrics = (meter.id for meter in self.opening.meters.values())
        windows = HOURS if window_size == "hour" else 1
        begin = (windows - 1) // WINDOWS_PER_PAGE * WINDOWS_PER_PAGE
        position = (self.opening.customers.ids[-1], max(metrics)), begin
        query = ["listUsage", _usage_query(window_size, TWO_YEARS)]
        cursor = write_cursor(position, query, Identifiers(self.opening.seed))
        self.metronome(window_size, TWO_YEARS, cursor=cursor)

    def monk(self, dates: Dates) -> None:
        """What all that the customer used has cost."""
        bounds = dict(zip(("startDate", "endDate"), map(_midnight, dates), strict=True))
        self._ask("monk/v1/usage/cost", {"externalCustomerId": CUSTOMER, **bounds})

    def saas(self) -> None:
        """The running month of the first customer, whose the token is."""
        self._ask("saas/api/billing/usage")

    def mkio(self, granularity: str, dates: Dates, *, project: str | None = None) -> None:
        """A report of one project, or of all."""
        body = {"startDate": dates[0], "endDate": dates[1], "granularity": granularity}
        only = {} if project is None else {"projectNames": [project]}
        self._ask("mkio/api/v1/organization/reports/usage", {**body, **only})

    def scrape(self) -> None:
        """The metrics of the last project, as Prometheus reads them."""
        path, authorization = self._scraper
        self._ask(path, authorization=authorization)

    def record(self, *, email: str | None = None, project: str = CUSTOMER) -> None:
        """API calls of the customer, or of whoever has the email."""
        email = email or self.opening.customers[CUSTOMER].aliases[0]
        path = f"mudbase/api/billing/public/projects/{self.opening.projects[project].id}/usage"
        self._ask(path, {"email": email, "metric": "api_calls", "quantity": 7})

    @cached_property
    def _scraper(self) -> tuple[str, str]:
        *_, project = self.opening.projects
        path = f"mkio/api/v1/projects/{project}/metrics"
        access = self._ask(f"{path}Endpoint", {"spec": {"enabled": True}}, method="PATCH")["status"]
        pair = f"{access['username']}:{access['password']}"
        return path, f"Basic {base64.b64encode(pair.encode()).decode()}"

    def _ask(
        self,
        path: str,
        body: Json = None,
        *,
        query: str = "",
        method: str = "",
        authorization: str = f"Bearer {TOKEN}",
    ) -> Json:
        """Until the reply stands as the bytes that would be sent."""
        headers = {"authorization": authorization}
        content = b"" if body is None else msgspec.json.encode(body)
        method = method or ("GET" if body is None else "POST")
        address = f"{self._path}/{path}"
        request = Request(method, address, query, headers, content, BASE_URL)
        reply, _ = self._application.answer(request)
        sent = as_bytes(reply)
        if reply.status >= 400:
            raise RuntimeError(f"{method} {address}: {sent.decode()}")
        return reply.body


def _usage_query(window_size: str, dates: Dates) -> dict[str, Json]:
    start, end = map(_midnight, dates)
    return {"window_size": window_size, "starting_on": start, "ending_before": end}


def _midnight(date: str) -> str:
    return f"{date}T00:00:00Z"
