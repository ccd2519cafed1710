"""The command that compares two implementations."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from metersim import completing, options
from metersim.checker.values import TOKEN, TOKEN_B
from metersim.errors import ControlError


@click.command()
@click.argument("vendor", shell_complete=completing.vendors)
@click.option("--url", "urls", multiple=True, help="Of the one, and again of the other.")
@click.option("--token", envvar=TOKEN, help=f"What lets the checker in.  [env: {TOKEN}]")
@click.option(
    "--token-b", envvar=TOKEN_B, help=f"At the other, where it is another.  [env: {TOKEN_B}]"
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="A value for the proofs.",
    shell_complete=completing.values,
)
@click.option(
    "--set-b",
    "settings_b",
    multiple=True,
    metavar="KEY=VALUE",
    help="What a value is called at the other, where it has another name for it.",
    shell_complete=completing.values,
)
@click.option(
    "--rules",
    multiple=True,
    metavar="GLOB",
    help="Their calls only, as 'MKIO-1?'.",
    shell_complete=completing.rules,
)
@click.option("--seed", default=1, type=click.IntRange(min=1), help="Draw the same values again.")
@click.option("--rate", metavar="N/s", help="So many calls per s, m or h at most, at either.")
@click.option("--max-calls", default=10_000, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--timeout", default=10, show_default=True, type=click.IntRange(1, 300), help="Of a call, in s."
)
@click.option("--insecure", is_flag=True, help="Take any TLS certificate.")
@options.as_json
def compare(urls: tuple[str, ...], as_json: bool, **params: Any) -> None:
    """Make the same calls at two implementations of VENDOR's API: where do they differ?

    The calls are those by which the rule book is seen to hold without any writing. What the first
    answers now so, now otherwise, is set aside.

    Exit code 0: alike. 1: different. 2: nobody can say.
    """
    try:
        # Only now: what serves needs no Hypothesis.
        from metersim.checker import likeness
        from metersim.checker.compared import Options, compared
    except ModuleNotFoundError as error:
        raise ControlError(f"{error.name} is missing: pip install 'metersim[check]'") from None
    if len(urls) != 2:
        raise ControlError(f"expected --url A --url B, found {len(urls)} of them")
    data = compared(Options(urls=(urls[0], urls[1]), **params))
    as_text = msgspec.json.format(msgspec.json.encode(data), indent=2).decode()
    click.echo(as_text if as_json else likeness.text(data))
    raise click.exceptions.Exit(0 if data["alike"] else 1)
