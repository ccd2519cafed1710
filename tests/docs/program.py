"""What the program says of itself: its operations, control plane, scenarios and commands."""

from __future__ import annotations

import json

import click
from click.testing import CliRunner

from benchmarks.detection import FILE
from metersim.bundled import bundled
from metersim.checker.values import EVERYBODYS, keys_of, proofs_of
from metersim.cli import main
from metersim.contract.document import load
from metersim.contract.rule import Basis
from metersim.reading import read_file
from metersim.scenario import load_scenario, scenario_names
from metersim.simulation.rules import WORLD_RULES
from metersim.simulation.vendor import installed_vendors
from tests.docs.markdown import plain, table


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


def detection() -> str:
    """What was found of each implementation's defects, as it was last measured."""
    rows = []
    measured = json.loads(FILE.read_text(encoding="utf-8"))
    for name, vendor in installed_vendors().items():
        own = [row for row in measured if row["vendor"] == name]
        ways = [str(sum(row[way] for row in own)) for way in ("rules", "schemathesis")]
        rows.append((vendor.title, str(len(proofs_of(vendor).by_rule)), str(len(own)), *ways))
    sums = (str(sum(int(row[at]) for row in rows)) for at in range(1, 5))
    head = ("vendor", "rules", "defects", "found by their rule", "found by Schemathesis alone")
    return table(head, [*rows, ("all", *sums)])


def values() -> str:
    """The values that proofs are made with."""
    rows = [
        (vendor.name, f"`{key}`", about)
        for vendor in installed_vendors().values()
        for key, about in keys_of(vendor).items()
        if key not in EVERYBODYS
    ]
    rows += [("all", f"`{key}`", about) for key, about in EVERYBODYS.items()]
    return table(("vendor", "key", "what it is"), rows)


def proofs() -> str:
    """What the proof of each rule takes, or why there is none."""
    rows = []
    for vendor in installed_vendors().values():
        found = proofs_of(vendor)
        for rule in vendor.rules:
            proof = found.by_rule.get(rule.id)
            if proof is None:
                rows.append((rule.id, "", "", f"not seen: {found.unseen[rule.id]}"))
                continue
            needs = " ".join(f"`{key}`" for key in proof.needs)
            rows.append((rule.id, rule.effect, str(proof.calls * proof.examples), needs))
    return table(("rule", "effect", "calls", "needs"), rows)


def rule_book(name: str) -> str:
    """A vendor's rules, on whose word each stands, and whether the checker can see it kept."""
    vendor = installed_vendors()[name]
    unseen = proofs_of(vendor).unseen
    rows = []
    for rule in vendor.rules:
        proven = f"no: {unseen[rule.id]}" if rule.id in unseen else "yes"
        law, source, bases = plain(rule.statement), plain(rule.source), " / ".join(rule.bases)
        rows.append((rule.id, law, bases, source, rule.effect, proven))
    return table(("rule", "law", "basis", "source", "effect", "proven"), rows)


def world_rules() -> str:
    rows = ((rule.id, plain(rule.statement), plain(rule.source)) for rule in WORLD_RULES)
    return table(("rule", "law", "source"), rows)
