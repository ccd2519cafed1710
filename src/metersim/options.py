"""Options that several commands have."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import click

from metersim.billing.instants import parse_date_or_instant, parse_duration


class Instant(click.ParamType[datetime | str]):
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


class Duration(click.ParamType[timedelta]):
    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        try:
            span = value if isinstance(value, timedelta) else parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if not span:
            self.fail(f"longer than nothing is expected, found {value!r}", param, ctx)
        return span


class FromEnvironment(click.Command):
    """A command whose options may stand in the environment: --admin-token as METERSIM_ADMIN_TOKEN.

    Of an option that is repeatable, several values stand there with spaces between them.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for option in self.params:
            if isinstance(option, click.Option):
                name = option.opts[0].removeprefix("--").replace("-", "_")
                option.envvar = f"METERSIM_{name.upper()}"
                option.show_envvar = True


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
seed = click.option("--seed", type=click.IntRange(min=0), help="Instead of the scenario's own.")
now = click.option(
    "--now", type=Instant(), help="Instant to open at, or `real` to follow the machine's clock."
)
host = click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address that it listens on."
)
port = click.option(
    "--port",
    default=8640,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port that it listens on; 0 takes a free one.",
)
