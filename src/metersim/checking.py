"""The command that checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from metersim import completing
from metersim.checker.pace import VISIBLE_WITHIN
from metersim.checker.settings import FILE, read_settings
from metersim.checker.values import TOKEN
from metersim.errors import ControlError


@click.command()
@click.argument("vendor", shell_complete=completing.vendors)
@click.option("--url", help="What the vendor's own paths are appended to.")
@click.option("--token", envvar=TOKEN, help=f"What lets the checker in.  [env: {TOKEN}]")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="A value for the proofs.",
    shell_complete=completing.values,
)
@click.option(
    "--rules",
    multiple=True,
    metavar="GLOB",
    help="These only, such as 'MKIO-1?'.",
    shell_complete=completing.rules,
)
@click.option(
    "--no-fuzz", is_flag=True, help="The rule book only, without Schemathesis: implied by --rules."
)
@click.option(
    "--max-examples", type=click.IntRange(1, 10_000), help="Calls made up for each operation."
)
@click.option("--allow-writes", is_flag=True, help="Run what changes state at the target too.")
@click.option(
    "--i-know-this-is-live",
    "live",
    is_flag=True,
    help="Write to, or fuzz, a host that the vendor's customers use.",
)
@click.option("--strict", is_flag=True, help="Broken rules on an assumed basis count as well.")
@click.option("--seed", type=click.IntRange(min=1), help="Draw the same values again.")
@click.option("--rate", metavar="N/s", help="So many calls per s, m or h at most.")
@click.option(
    "--visible-within",
    default=VISIBLE_WITHIN,
    show_default=True,
    type=click.IntRange(0, 600),
    help="How long what was sent may take to show, in s.",
)
@click.option("--max-calls", default=10_000, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--timeout", default=10, show_default=True, type=click.IntRange(1, 300), help="Of a call, in s."
)
@click.option("--insecure", is_flag=True, help="Take any TLS certificate.")
@click.option(
    "--waivers", type=click.Path(path_type=Path), help="Differences to live with for a while."
)
@click.option(
    "--report",
    "wishes",
    multiple=True,
    metavar="KIND=FILE",
    help="Write a report: html, json, junit, sarif, har.  [repeatable]",
    shell_complete=completing.reports,
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Options that stand in a file.  [default: metersim.toml, if there is one]",
)
@click.pass_context
def check(ctx: click.Context, /, config: Path | None, **params: Any) -> None:
    """Hold an implementation to VENDOR's contract: its document, and its rule book.

    Exit code 0: it conforms. 1: it does not. 2: nobody can say.
    """
    need_extra()
    from metersim.checker.checked import Options, checked

    raise click.exceptions.Exit(checked(Options(**_filled(ctx, config, params))))


def _filled(ctx: click.Context, config: Path | None, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters, with those of the file where the command line says nothing."""
    path = config or Path(FILE)
    if config is None and not path.exists():
        return params
    known = {each.opts[0].lstrip("-"): each for each in ctx.command.params}
    allowed = known.keys() - {"vendor", "config"}
    for key, value in read_settings(path, params["vendor"], allowed).items():
        name = known[key].name or ""
        if key == "set":
            # Of two values for one key, the later counts.
            params[name] = (*value, *params[name])
        elif ctx.get_parameter_source(name) is ParameterSource.DEFAULT:
            params[name] = _cast(ctx, known[key], key, value)
    return params


def _cast(ctx: click.Context, option: click.Parameter, key: str, value: Any) -> Any:
    """A value of the file as its option would have it from the command line."""
    if getattr(option, "is_flag", False) and not isinstance(value, bool):
        raise ControlError(f"{key}: expected true or false, found {value!r}")
    if option.multiple and not isinstance(value, tuple):
        value = (value,)
    return option.type_cast_value(ctx, value)


def need_extra() -> None:
    """ControlError unless all is installed that serving does without."""
    try:
        import schemathesis  # noqa: F401, and Hypothesis with it
    except ModuleNotFoundError as error:
        raise ControlError(f"{error.name} is missing: pip install 'metersim[check]'") from None
