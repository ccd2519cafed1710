"""The README shows what the program says: tables and examples are compared, never written twice.

After a change, ``python -m tests.test_readme`` puts the program's own words into the page.
"""

from __future__ import annotations

import re
from pathlib import Path

import click

from metersim.cli import main
from metersim.contract.rule import Basis
from metersim.control import ControlPlane
from metersim.scenario import load_scenario, scenario_names
from metersim.server import set_up
from metersim.simulation.vendor import installed_vendors

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"(<!-- (table|example): (\S+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def operations() -> str:
    rows = ["| vendor | operation | basis | rules kept, by their basis |", "|---|---|---|---|"]
    for vendor in installed_vendors().values():
        for operation in vendor.contract.operations.values():
            kept = [r for r in vendor.rules if operation.id in r.operations and r.modelled]
            numbers = {
                basis: [rule.id.rpartition("-")[2] for rule in kept if rule.bases[0] is basis]
                for basis in Basis
            }
            rules = "; ".join(f"{basis} {' '.join(ids)}" for basis, ids in numbers.items() if ids)
            call = f"`{operation.method} {operation.path}`"
            rows.append(f"| {vendor.title} | {call} | {operation.basis} | {rules} |")
    return "\n".join(rows)


def control() -> str:
    setup = set_up(admin_token="any")
    control_plane = setup.application.control
    assert isinstance(control_plane, ControlPlane)
    rows = ["| route | what it does |", "|---|---|"]
    for (method, path), route in control_plane.routes.items():
        rows.append(f"| `{method} {path}` | {(route.__doc__ or '').splitlines()[0]} |")
    return "\n".join(rows)


def scenarios() -> str:
    rows = ["| scenario | what it is for |", "|---|---|"]
    rows += [f"| `{name}` | {load_scenario(name).about} |" for name in scenario_names()]
    return "\n".join(rows)


def commands() -> str:
    rows = ["| command | what it does |", "|---|---|"]
    for name, command in sorted(main.commands.items()):
        names = " ".join(
            p.make_metavar(click.Context(command))
            for p in command.params
            if p.param_type_name == "argument"
        )
        rows.append(
            f"| `metersim {' '.join([name, names]).strip()}` | {command.get_short_help_str(100)} |"
        )
    return "\n".join(rows)


TABLES = {
    "operations": operations,
    "control": control,
    "scenarios": scenarios,
    "commands": commands,
}


def current(found: re.Match[str]) -> str:
    """The block as the program would have it."""
    head, kind, name, _, tail = found.groups()
    if kind == "example":
        code = (ROOT / name).read_text(encoding="utf-8")
        language = "yaml" if name.endswith(".yaml") else "python"
        # A module's docstring says what the page says around it.
        code = code.partition('"""\n\n')[2] if language == "python" else code
        return f"{head}```{language}\n{code}```\n{tail}"
    return f"{head}{TABLES[name]()}\n{tail}"


def test_the_readme_says_what_the_program_says() -> None:
    text = README.read_text(encoding="utf-8")
    assert BLOCK.sub(current, text) == text, (
        "run `python -m tests.test_readme` and look at the diff"
    )
    assert {found[3] for found in BLOCK.finditer(text)} >= TABLES.keys()


def test_the_scenario_shown_is_sound(tmp_path: Path) -> None:
    shown = re.search(r"```yaml\n(clock.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    file = tmp_path / "shown.yaml"
    file.write_text(shown[1], encoding="utf-8")
    assert load_scenario(file).open().customers["acme"].aliases == ("billing@acme.example",)


if __name__ == "__main__":
    README.write_text(BLOCK.sub(current, README.read_text(encoding="utf-8")), encoding="utf-8")
