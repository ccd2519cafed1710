"""The command line."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from metersim import __version__, completing, options
from metersim.announcement import table
from metersim.checking import check
from metersim.comparing import compare
from metersim.contract.rule import Rule
from metersim.errors import ControlError, MetersimError, nearest
from metersim.exact_json import encode
from metersim.explained import explained_as_text
from metersim.probing import health
from metersim.reading import Json, read_file
from metersim.scenario import Scenario, load_scenario, scenario_names
from metersim.server import set_up
from metersim.serving import serve
from metersim.simulation import explaining
from metersim.simulation.rules import WORLD_RULES
from metersim.simulation.vendor import Vendor, installed_vendors
from metersim.world.world import World


class _CouldNotRun(click.ClickException):
    exit_code = 2


class _Commands(click.Group):
    """Commands whose failures are one clear message and exit code 2, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MetersimError as error:
            raise _CouldNotRun(str(error)) from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="metersim")
def main() -> None:
    """A stateful simulator of usage-billing APIs for contract tests."""


main.add_command(serve)
main.add_command(check)
main.add_command(compare)
main.add_command(health)


@main.command()
@click.argument("vendor", shell_complete=completing.vendors)
@click.argument("row")
@click.option(
    "--scenario",
    help="A name, or a file.  [default: default]",
    shell_complete=completing.scenarios,
)
@options.seed
@options.now
@click.option("--url", help="Of a simulator that runs: it is asked, and no scenario opened.")
@click.option("--admin-token", help="Token of its control plane.")
@click.option("--session", help="One of its sessions.")
@options.as_json
def explain(
    vendor: str,
    row: str,
    scenario: str | None,
    seed: int | None,
    now: datetime | str | None,
    url: str | None,
    admin_token: str | None,
    session: str | None,
    as_json: bool,
) -> None:
    """Say how the number in a row of a reply came about; ROW is JSON, or - for standard input."""
    of_another = (admin_token, session) if url is None else (scenario, seed, now)
    if any(option is not None for option in of_another):
        raise ControlError("expected --scenario, --seed, --now or --url, --admin-token, --session")
    if url is not None and admin_token is None:
        raise ControlError("--url needs --admin-token: the token that `metersim serve` printed")
    asked = explaining.read_row(sys.stdin.read() if row == "-" else row)
    if url is None:
        setup = set_up(scenario or "default", seed=seed, now=now)
        found = explaining.explain(setup.vendors, vendor, asked, World(setup.opening))
    else:
        found = _explained_there(url, admin_token or "", session, vendor, asked)
    _echo(found, explained_as_text(found), as_json)


def _explained_there(url: str, token: str, session: str | None, vendor: str, row: Json) -> Json:
    # Imported here, as no other command needs an HTTP client, and `serve` starts without.
    from metersim.client import Client

    with Client(url, token=token) as client:
        asked = client if session is None else client.session(session)
        return asked.explain(vendor, row)


@main.command()
@options.as_json
def vendors(as_json: bool) -> None:
    """List the vendors and the operations that are simulated."""
    found = installed_vendors()
    if as_json:
        _echo_json([_vendor(vendor) for vendor in found.values()])
        return
    rows = [("vendor", "operation", "", "basis", "")]
    for vendor in found.values():
        for operation in vendor.contract.operations.values():
            state = "" if operation.id in vendor.behaviours else "not simulated"
            call = f"{operation.method} {operation.path}"
            rows.append((vendor.name, operation.id, call, operation.basis, state))
    click.echo(table(rows))


def _vendor(vendor: Vendor) -> Json:
    return {
        "name": vendor.name,
        "title": vendor.title,
        "document": str(vendor.document),
        "operations": [
            {
                "id": operation.id,
                "method": operation.method,
                "path": operation.path,
                "summary": operation.summary,
                "basis": operation.basis,
                "simulated": operation.id in vendor.behaviours,
            }
            for operation in vendor.contract.operations.values()
        ],
        "rules": [rule.id for rule in vendor.rules],
    }


@main.command()
@click.argument("vendor", required=False, shell_complete=completing.books)
@options.as_json
def rules(vendor: str | None, as_json: bool) -> None:
    """List the rule book: every law that no schema can express."""
    books = {name: found.rules for name, found in installed_vendors().items()}
    books["world"] = WORLD_RULES
    if vendor is not None and vendor not in books:
        raise ControlError(f"no vendor {vendor!r}; {nearest(vendor, books)}")
    found = [rule for name in books for rule in books[name] if vendor in (None, name)]
    if as_json:
        _echo_json([_rule(rule) for rule in found])
        return
    rows = [("rule", "basis", "effect", "law")]
    for rule in found:
        law = rule.statement if rule.modelled else f"(not simulated yet) {rule.statement}"
        rows.append((rule.id, " / ".join(rule.bases), rule.effect, law))
    click.echo(table(rows))


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.id,
        "statement": rule.statement,
        "bases": rule.bases,
        "source": rule.source,
        "effect": rule.effect,
        "operations": rule.operations,
        "modelled": rule.modelled,
    }


@main.command()
@click.argument("name", required=False, shell_complete=completing.bundled_scenarios)
@options.as_json
def scenarios(name: str | None, as_json: bool) -> None:
    """List the bundled scenarios, or show what one opens with."""
    if name is None:
        found = [load_scenario(each) for each in scenario_names()]
        rows = [("scenario", "what it is for"), *((each.name, each.about) for each in found)]
        listing = [{"name": each.name, "about": each.about} for each in found]
        _echo(listing, table(rows), as_json)
        return
    scenario = load_scenario(name)
    text = Path(scenario.source.name).read_text(encoding="utf-8").rstrip()
    _echo(scenario.source.data, text, as_json)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@options.as_json
def validate(file: Path, as_json: bool) -> None:
    """Check a scenario file; exit code 1 when it is unsound."""
    try:
        scenario = load_scenario(file)
    except MetersimError as error:
        errors = str(error).splitlines()
        _echo({"valid": False, "errors": errors}, "\n".join(errors), as_json)
        raise click.exceptions.Exit(1) from None
    _echo({"valid": True, "errors": []}, f"{file}: {_extent(scenario)}", as_json)


def _extent(scenario: Scenario) -> str:
    data = scenario.source.data
    sections = ("customers", "projects", "meters", "usage", "events")
    counts = [(len(data.get(each, ())), each) for each in sections]
    return "sound; " + ", ".join(f"{n} {each.removesuffix('s' * (n == 1))}" for n, each in counts)


@main.command()
@click.argument("vendor", shell_complete=completing.vendors)
@options.as_json
def openapi(vendor: str, as_json: bool) -> None:
    """Print a vendor's OpenAPI document."""
    found = installed_vendors()
    if vendor not in found:
        raise ControlError(f"no vendor {vendor!r}; {nearest(vendor, found)}")
    path = found[vendor].document
    if as_json:
        _echo_json(read_file(path).data)
    else:
        click.echo(path.read_text(encoding="utf-8").rstrip())


def _echo(data: Json, text: str, as_json: bool) -> None:
    _echo_json(data) if as_json else click.echo(text)


def _echo_json(data: Json) -> None:
    click.echo(msgspec.json.format(encode(data), indent=2).decode())
