"""A check from the options to the exit code: what the command does once it knows what is asked."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import click

from metersim.checker import reports, table, values
from metersim.checker.fuzzing import EXAMPLES, Fuzzing
from metersim.checker.pace import VISIBLE_WITHIN, Pace, interval
from metersim.checker.run import Run, selected
from metersim.checker.secrets import Secrets
from metersim.checker.target import Target
from metersim.checker.telling import Teller
from metersim.checker.verdict import Report, Verdict
from metersim.checker.waivers import read_waivers
from metersim.checker.wording import counted
from metersim.errors import ControlError
from metersim.reading import read_file
from metersim.simulation.vendor import Vendor
from metersim.world.clock import MACHINE


@dataclass(frozen=True)
class Options:
    """What was asked for, on the command line or in a file."""

    vendor: str
    url: str | None
    token: str | None
    settings: tuple[str, ...]
    rules: tuple[str, ...]
    no_fuzz: bool
    max_examples: int | None
    allow_writes: bool
    live: bool
    strict: bool
    seed: int | None
    rate: str | None
    visible_within: int
    max_calls: int
    timeout: int
    insecure: bool
    waivers: Path | None
    wishes: tuple[str, ...]

    @property
    def command(self) -> list[str]:
        """The words that ask for the same again, without rules and secrets."""
        words = ["metersim check", self.vendor, f"--url {shlex.quote(self.url or '')}"]
        words += [f"--seed {self.number}"]
        vendor = values.vendor_named(self.vendor)
        told = values.keys_of(vendor).keys() - values.secrets_of(vendor)
        words += [
            f"--set {shlex.quote(pair)}" for pair in self.settings if pair.partition("=")[0] in told
        ]
        flags = {
            "--allow-writes": self.allow_writes,
            "--i-know-this-is-live": self.live,
            "--strict": self.strict,
            "--insecure": self.insecure,
            f"--rate {self.rate}": self.rate,
            f"--visible-within {self.visible_within}": self.visible_within != VISIBLE_WITHIN,
        }
        return words + [flag for flag, given in flags.items() if given]

    @property
    def number(self) -> int:
        """The seed, given or not."""
        return self.seed or 1

    @property
    def fuzzes(self) -> bool:
        """Whether Schemathesis looks as well; not where some rules were asked for by name."""
        return not self.no_fuzz and not self.rules


def checked(asked: Options) -> int:
    """Check, tell and report; the exit code."""
    vendor, url = values.vendor_named(asked.vendor), values.sound_url(asked.url)
    values.sound_token(asked.token)
    rules, given = selected(vendor, asked.rules), values.given(vendor, asked.settings)
    files = reports.read_wishes(asked.wishes)
    waivers = read_waivers(asked.waivers) if asked.waivers else []
    _spare_the_living(asked, vendor, url)
    teller = Teller(Secrets(values.hidden(vendor, asked.token, given)), asked.command)
    width = shutil.get_terminal_size((120, 40)).columns

    def told(verdict: Verdict, report: Report) -> None:
        click.echo(table.line(teller.verdict(verdict, report), width))

    pace = Pace(interval(asked.rate) if asked.rate else 0, seconds=asked.visible_within)
    with Target(url, pace, asked.max_calls, asked.timeout, not asked.insecure) as target:
        run = Run(
            vendor,
            target,
            rules,
            token=asked.token,
            given=given,
            seed=asked.number,
            allow_writes=asked.allow_writes,
            strict=asked.strict,
            told=told,
            waivers=waivers,
            today=MACHINE.time_of_day().date(),
        )
        most = f"{counted(len(rules), 'rule')}, {counted(run.most_calls, 'call')} at most"
        click.echo(f"{vendor.title} at {url}: {most}")
        report = run.prove()
        if asked.fuzzes and not report.stopped:
            _fuzz(run, asked)
        report = run.end()
    data = teller.told(report)
    click.echo(table.ending(data))
    for kind, path in files:
        reports.write(kind, path, data)
    return report.exit_code


def _fuzz(run: Run, asked: Options) -> None:
    fuzzing = Fuzzing(
        run.vendor,
        run.target,
        token=asked.token,
        seed=asked.number,
        allow_writes=asked.allow_writes,
        examples=asked.max_examples or EXAMPLES,
        inputs=run.inputs,
    )
    left = run.target.most_calls - run.target.calls
    operations = counted(len(fuzzing.operations), "operation")
    click.echo(f"Schemathesis: {operations}; --max-calls leaves it {counted(left, 'call')}")
    run.fuzz(fuzzing)


def _spare_the_living(asked: Options, vendor: Vendor, url: str) -> None:
    if asked.live or urlsplit(url).hostname not in live_hosts(vendor):
        return
    for option, careless in {"--allow-writes": asked.allow_writes, "fuzzing": asked.fuzzes}.items():
        if careless:
            raise ControlError(
                f"{url} is where {vendor.title}'s customers are: {option} needs "
                "--i-know-this-is-live" + (", or say --no-fuzz" if option == "fuzzing" else "")
            )


def live_hosts(vendor: Vendor) -> set[str]:
    """The hosts that the vendor's document names beside this machine and placeholders."""
    servers = read_file(vendor.document).data.get("servers", ())
    hosts = {urlsplit(server["url"]).hostname or "" for server in servers}
    return {host for host in hosts if not host.startswith("127.") and "example." not in host}
