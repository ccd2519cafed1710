"""Which defects of the trial implementations are found: by the rule book, by Schemathesis alone.

``python -m benchmarks.detection`` takes half an hour and writes ``detection.json``, which
the README's table is made from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

import click

from metersim.checker.fuzzing import Fuzzing
from metersim.checker.run import Run, selected
from metersim.checker.target import Target
from metersim.checker.verdict import Standing
from metersim.simulation.vendor import Vendor, installed_vendors
from tests.implementations.serving import served

FILE = Path(__file__).with_suffix(".json")
_Row: TypeAlias = dict[str, str | bool]


def main() -> None:
    """Try every defect of every vendor, both ways."""
    with ProcessPoolExecutor() as pool:
        rows = [row for rows in pool.map(_tried, installed_vendors()) for row in rows]
    FILE.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _tried(name: str) -> list[_Row]:
    vendor, implementation = (
        installed_vendors()[name],
        import_module(f"tests.implementations.{name}"),
    )
    return list(_rows(vendor, implementation))


def _rows(vendor: Vendor, implementation: ModuleType) -> Iterator[_Row]:
    known = set(_schemathesis(vendor, implementation, None))
    assert not _broken(vendor, implementation, None, "*")
    for defect, rule in implementation.DEFECTS.items():
        row: _Row = {
            "vendor": vendor.name,
            "defect": defect,
            "rule": rule,
            "rules": rule in _broken(vendor, implementation, defect, rule),
            "schemathesis": not known.issuperset(_schemathesis(vendor, implementation, defect)),
        }
        click.echo(json.dumps(row, ensure_ascii=False))
        yield row


def _broken(vendor: Vendor, implementation: ModuleType, defect: str | None, rule: str) -> set[str]:
    with served(implementation.create(defect)) as url, Target(url) as target:
        rules, values = selected(vendor, [rule]), implementation.VALUES
        run = Run(
            vendor, target, rules, token=implementation.TOKEN, given=values, allow_writes=True
        )
        verdicts = run.prove().verdicts
    return {each.rule.id for each in verdicts if each.standing is Standing.BROKEN}


def _schemathesis(
    vendor: Vendor, implementation: ModuleType, defect: str | None
) -> Iterator[tuple[str, str]]:
    """What it finds, with the same token and values to fill in."""
    with served(implementation.create(defect)) as url, Target(url, most_calls=100_000) as target:
        token, values = implementation.TOKEN, implementation.VALUES
        inputs = Run(vendor, target, [], token=token, given=values).inputs
        for each in Fuzzing(
            vendor, target, token=token, seed=1, allow_writes=True, inputs=inputs
        ).departures():
            yield each.check, each.operation


if __name__ == "__main__":
    main()
