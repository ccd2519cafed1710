"""What is said when a simulator answers: where each vendor is, and with which token."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version

from metersim.billing.instants import to_seconds
from metersim.scenario import TOKEN
from metersim.server import Setup
from metersim.simulation.vendor import Vendor


def announced_as_json(setup: Setup, url: str) -> str:
    """For a program that started the simulator: one line, one object."""
    announcement = {
        "url": url,
        "scenario": setup.opening.scenario,
        "vendors": {name: {"url": f"{url}/{name}", "token": TOKEN} for name in setup.vendors},
        "admin": {"url": f"{url}/__admin", "token": setup.admin_token},
    }
    return json.dumps(announcement)


def announced_as_text(setup: Setup, url: str) -> str:
    """For a person: a table, and a line to try."""
    rows = [("vendor", "base URL", "token")]
    rows += [(name, f"{url}/{name}", TOKEN) for name in setup.vendors]
    rows.append(("control plane", f"{url}/__admin", setup.admin_token))
    opening = setup.opening
    clock = "real time" if opening.real_time else to_seconds(opening.now)
    world = f"scenario {opening.scenario} · seed {opening.seed} · {clock}"
    return (
        f"metersim {version('metersim')} · {world}\n\n"
        f"{table(rows)}\n\nTry:  {_first_call(setup.vendors, url)}\nStop: Ctrl-C"
    )


def _first_call(vendors: Mapping[str, Vendor], url: str) -> str:
    """A curl line that works as it stands: a read that needs no id."""
    reads = (
        f'curl -H "Authorization: Bearer {TOKEN}" {url}/{name}{operation.path}'
        for name, vendor in vendors.items()
        for operation in vendor.contract.operations.values()
        if operation.method == "GET" and "{" not in operation.path
    )
    return next(reads, f"curl {url}/")


def table(rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell."""
    cells = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    return "\n".join(lines)
