"""The command that serves."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from ipaddress import ip_address

import click

from metersim import completing, options
from metersim.announcement import announced_as_json, announced_as_text
from metersim.errors import ControlError
from metersim.server import Server, set_up
from metersim.simulation.journal import BOUNDS


@click.command(cls=options.FromEnvironment)
@options.host
@options.port
@click.option(
    "--scenario",
    default="default",
    show_default=True,
    help="A name, or a file.",
    shell_complete=completing.scenarios,
)
@options.seed
@options.now
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
@click.option("--no-request-journal", is_flag=True, help="Keep nothing of what is asked.")
@click.option(
    "--max-request-journal-entries",
    "journal_entries",
    default=BOUNDS.entries,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many calls each session keeps.",
)
@click.option(
    "--session-ttl",
    default="PT1H",
    show_default=True,
    type=options.Duration(),
    help="Sessions that nobody uses for so long are forgotten; never the default one.",
)
@click.option(
    "--allowed-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="Another name that it is called by: what the Host header may say.  [repeatable]",
)
@click.option(
    "--cors-origin",
    "cors_origins",
    multiple=True,
    metavar="ORIGIN",
    help="A site whose pages may call the vendors, as http://localhost:3000; * any.  [repeatable]",
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
    no_request_journal: bool,
    journal_entries: int,
    session_ttl: timedelta,
    allowed_hosts: tuple[str, ...],
    cors_origins: tuple[str, ...],
    announce: str,
) -> None:
    """Serve every vendor from one world, until Ctrl-C."""
    asked = {f"--store {store}": store != "memory", f"--workers {workers}": workers != 1}
    for option, later in asked.items():
        if later:
            raise ControlError(f"{option} is not available in this version")
    if admin_token is None and not _is_loopback(host):
        raise ControlError(
            f"{host} is not a loopback address: name a token with --admin-token"
            " or METERSIM_ADMIN_TOKEN"
        )
    setup = set_up(
        scenario,
        seed=seed,
        now=now,
        vendor_limits=vendor_limits,
        admin_token=admin_token,
        journal=not no_request_journal,
        journal_entries=journal_entries,
        session_ttl=session_ttl,
    )
    announcement = announced_as_json if announce == "json" else announced_as_text
    server = Server(
        setup,
        host,
        port,
        lambda url: click.echo(announcement(setup, url)),
        allowed_hosts=allowed_hosts,
        cors_origins=cors_origins,
    )
    with suppress(KeyboardInterrupt):
        server.serve_until_stopped()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
