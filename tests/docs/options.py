"""What `serve` takes, on the command line and from the environment."""

from __future__ import annotations

import click

from metersim.serving import serve
from tests.docs.markdown import table


def options_of_serve() -> str:
    rows = []
    for option in serve.params:
        if isinstance(option, click.Option) and isinstance(option.envvar, str):
            metavar = option.make_metavar(click.Context(serve)).replace("|", "/")
            takes = "" if option.is_flag else f" {metavar.removesuffix(' RANGE')}"
            default = str(option.default) if option.show_default else ""
            told = (option.help or "How it says where it answers.").replace("  [repeatable]", "")
            rows.append((f"`{option.opts[0]}{takes}`", default and f"`{default}`", told))
    return table(("option", "default", "what it does"), rows)
