"""The command line."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import click
import msgspec

from metersim import __version__
from metersim.announcement import announced_as_json, announced_as_text, table
from metersim.billing.instants import parse_date_or_instant
from metersim.client import ask_control_plane
from metersim.contract.rule import Rule
from metersim.errors import ControlError, MetersimError, nearest
from metersim.explained import explained_as_text
from metersim.reading import Json, read_file
from metersim.scenario import Scenario, load_scenario, scenario_names
from metersim.server import Server, set_up
from metersim.simulation import explaining
from metersim.simulation.rules import WORLD_RULES
from metersim.simulation.vendor import Vendor, installed_vendors
from metersim.world.world import World

_encode = msgspec.json.Encoder(decimal_format="number").encode


class _CouldNotRun(click.ClickException):
    exit_code = 2


class _Commands(click.Group):
    """Commands whose failures are one clear message and exit code 2, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MetersimError as error:
            raise _CouldNotRun(str(error)) from None


class _Instant(click.ParamType[datetime | str]):
    name = "instant"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime | str:
        if value == "real":
            return "real"
        try:
            return parse_date_or_instant(value)
        except ValueError:
            expected = "expected `real`, a date or an instant such as 2026-03-18T09:30:00Z"
            self.fail(f"{expected}; found {value!r}", param, ctx)


_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
_seed = click.option("--seed", type=click.IntRange(min=0), help="Instead of the scenario's own.")
_now = click.option(
    "--now", type=_Instant(), help="Instant to open at, or `real` to follow the machine's clock."
)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="metersim")
def main() -> None:
    """A stateful simulator of usage-billing APIs for contract tests."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8640,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes a free one.",
)
@click.option("--scenario", default="default", show_default=True, help="A name, or a file.")
@_seed
@_now
@click.option(
    "--store",
    default="memory",
    show_default=True,
    help="Where changes are kept; `memory` only, so far.",
)
@click.option(
    "--workers", default=1, show_default=True, type=int, help="Processes; 1 only, so far."
)
@click.option("--admin-token", help="Token of the control plane; minted unless given.")
@click.option(
    "--vendor-limits", is_flag=True, help="Enforce rate limits, counted on the simulator's clock."
)
@click.option("--announce", default="text", type=click.Choice(["text", "json"]), show_default=True)
def serve(
    host: str,
    port: int,
    scenario: str,
    seed: int | None,
    now: datetime | str | None,
    store: str,
    workers: int,
    admin_token: str | None,
    vendor_limits: bool,
    announce: str,
) -> None:
    """Serve every vendor from one world, until Ctrl-C."""
    asked = {f"--store {store}": store != "memory", f"--workers {workers}": workers != 1}
    for option, later in asked.items():
        if later:
            raise ControlError(f"{option} is not available in this version")
    if admin_token is None and not _is_loopback(host):
        raise ControlError(f"{host} is not a loopback address: name a token with --admin-token")
    setup = set_up(
        scenario, seed=seed, now=now, vendor_limits=vendor_limits, admin_token=admin_token
    )
    announcement = announced_as_json if announce == "json" else announced_as_text
    server = Server(setup, host, port, lambda url: click.echo(announcement(setup, url)))
    with suppress(KeyboardInterrupt):
        server.serve_until_stopped()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@main.command()
@click.argument("vendor")
@click.argument("row")
@click.option("--scenario", help="A name, or a file.  [default: default]")
@_seed
@_now
@click.option("--url", help="Of a simulator that runs: it is asked, and no scenario opened.")
@click.option("--admin-token", help="Token of its control plane.")
@click.option("--session", help="One of its sessions.")
@_as_json
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
    asked = explaining.read_row(sys.stdin.read() if row == "-" else row)
    if url is None:
        setup = set_up(scenario or "default", seed=seed, now=now)
        found = explaining.explain(setup.vendors, vendor, asked, World(setup.opening))
    else:
        question = {"vendor": vendor, "row": asked}
        found = ask_control_plane(url, admin_token or "", "POST", "explain", question, session)
    _echo(found, explained_as_text(found), as_json)


@main.command()
@_as_json
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
@click.argument("vendor", required=False)
@_as_json
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
        "effect": rule.effect,
        "operations": rule.operations,
        "modelled": rule.modelled,
    }


@main.command()
@click.argument("name", required=False)
@_as_json
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
@_as_json
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
    return "sound; " + ", ".join(f"{len(data.get(each, ()))} {each}" for each in sections)


@main.command()
@click.argument("vendor")
@_as_json
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
    click.echo(msgspec.json.format(_encode(data), indent=2).decode())
