"""Measures all there is, and puts the figures into the page: ``make bench``."""

from __future__ import annotations

from itertools import chain
from time import perf_counter, process_time

import click

from benchmarks import events, size, tiers, windows
from benchmarks.tables import machine, printed, write

# A run that has the machine to itself waits for hardly anything.
UNDISTURBED = 0.95


def main() -> None:
    began, worked = perf_counter(), process_time()
    # Customers first: memory is measured in a process that has seen none of these sizes.
    tables = chain(size.tables(), windows.tables(), events.tables(), tiers.tables())
    write({"machine": machine(), **printed(tables)})
    share = (process_time() - worked) / (perf_counter() - began)
    click.echo(f"It had a core for {share:.0%} of the time.")
    if share < UNDISTURBED:
        click.echo(
            "Other work was in the way: measure again before you keep the figures.", err=True
        )


if __name__ == "__main__":
    main()
