"""What the program says of itself: its operations, control plane, scenarios and commands."""

from __future__ import annotations

import json

import click
from click.testing import CliRunner

from metersim.bundled import bundled
from metersim.cli import main
from metersim.contract.document import load
from metersim.contract.rule import Basis
from metersim.reading import read_file
from metersim.scenario import load_scenario, scenario_names
from metersim.simulation.vendor import installed_vendors
from tests.docs.markdown import table


def operations() -> str:
    rows = []
    for vendor in installed_vendors().values():
        for operation in vendor.contract.operations.values():
            kept = [r for r in vendor.rules if operation.id in r.operations and r.modelled]
            numbers = {
                basis: [rule.id.rpartition("-")[2] for rule in kept if rule.bases[0] is basis]
                for basis in Basis
            }
            rules = "; ".join(f"{basis} {' '.join(ids)}" for basis, ids in numbers.items() if ids)
            call = f"`{operation.method} {operation.path}`"
            rows.append((vendor.title, call, operation.basis, rules))
    return table(("vendor", "operation", "basis", "rules kept, by their basis"), rows)


def control() -> str:
    operations = load(bundled("openapi") / "control.yaml", own=True).operations.values()
    rows = ((f"`{each.method} {each.path[1:]}`", each.summary) for each in operations)
    return table(("route", "what it does"), rows)


def limits() -> str:
    """Which calls each vendor that limits them refuses, as its document says of the 429."""
    rows = []
    for vendor in installed_vendors().values():
        if vendor.limits:
            responses = read_file(vendor.document).data["components"]["responses"]
            (name,) = responses.keys() & {"TooManyRequests", "RateLimited"}
            rows.append((vendor.title, responses[name]["description"]))
    return table(("vendor", "what is answered 429"), rows)


def scenarios() -> str:
    rows = ((f"`{name}`", load_scenario(name).about) for name in scenario_names())
    return table(("scenario", "what it is for"), rows)


def commands() -> str:
    rows = []
    for name, command in sorted(main.commands.items()):
        names = [
            parameter.make_metavar(click.Context(command))
            for parameter in command.params
            if parameter.param_type_name == "argument"
        ]
        call = f"`{' '.join(['metersim', name, *names])}`"
        rows.append((call, command.get_short_help_str(100)))
    return table(("command", "what it does"), rows)


def explanation() -> str:
    """An example of the command, as it is typed and as it answers."""
    row = {"projectName": "app", "paymentMethodId": "pm-direct", "meter": "graduated"}
    text = json.dumps({**row, "startDate": "2026-02-01", "endDate": "2026-03-01"})
    arguments = ["explain", "mkio", "--scenario", "tiers"]
    answer = CliRunner().invoke(main, [*arguments, text]).output
    return f"```console\n$ metersim {' '.join(arguments)} \\\n    '{text}'\n{answer}```"
