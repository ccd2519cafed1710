"""Reports as data, as every kind of report file gets them, of a run that never was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from metersim.checker.secrets import Secrets
from metersim.checker.telling import Teller
from metersim.checker.verdict import Departure, Report, Standing, Verdict
from metersim.contract.exchange import Asked, Exchange
from metersim.contract.rule import Basis
from tests.checker.proven import VENDORS

URL = "http://127.0.0.1:3000"
TOKEN = "session-of-ada"
# The target's own secret.
COOKIE = "c00kie-of-bob"
NOW = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
RULES = VENDORS["saas"].rules


def exchange(reply: str = '{"success": true}', request: bytes = b"", status: int = 200) -> Exchange:
    """A call of getUsage that was let in."""
    asked = Asked("GET", "/api/billing/usage?metrics=seats", {"authorization": f"Bearer {TOKEN}"})
    if request:
        headers = {**asked.headers, "content-type": "application/json"}
        asked = Asked("POST", "/api/billing/usage", headers, request)
    operation = VENDORS["saas"].contract.operations["getUsage"]
    headers = {
        "content-type": "application/json",
        "x-echo": TOKEN,
        "set-cookie": f"session={COOKIE}",
    }
    took = timedelta(milliseconds=12, microseconds=345)
    return Exchange(asked, status, headers, reply.encode(), operation, NOW, took)


def report(reply: str = '{"success": true}', **changes: Any) -> Report:
    """One rule of each standing, one notice, one waived, and two departures, one of them waived."""
    shown = [exchange(reply)]
    broken = Verdict(RULES[0], Standing.BROKEN, "", "status 401", reply, shown, Basis.DOCUMENTED, 4)
    assumed = Verdict(RULES[5], Standing.BROKEN, "", "status 400", reply, shown, Basis.ASSUMED, 6)
    waived = Verdict(
        RULES[1], Standing.BROKEN, "", "one", reply, shown, Basis.DOCUMENTED, 3, "until May"
    )
    found = Report(
        "saas",
        URL,
        1,
        verdicts=[
            broken,
            assumed,
            waived,
            Verdict(RULES[2], Standing.HOLDS, calls=2),
            Verdict(RULES[3], Standing.NOT_APPLICABLE, f"needs usage: {reply}", calls=1),
            Verdict(RULES[4], Standing.NOT_RUN, "it writes: --allow-writes"),
        ],
        departures=[
            Departure("response conforms", "getUsage", f"status 200: {reply}", shown[0]),
            Departure("not a server error", "getUsage", reply, shown[0], waived="a known one"),
        ],
        calls=16,
        **changes,
    )
    for each in [*shown, exchange(request=b'{"a": 1}', status=401)]:
        found.kept.keep(each)
    return found


def told(found: Report | None = None) -> Any:
    """What a report file is made from."""
    teller = Teller(Secrets({"METERSIM_TOKEN": TOKEN}), ["metersim check saas", f"--url {URL}"])
    return teller.told(found or report())
