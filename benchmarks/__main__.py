"""Measures all there is, and puts the figures into the page: ``make bench``."""

from __future__ import annotations

from itertools import chain
from time import perf_counter, process_time

import click

from benchmarks import events, plugin, size, tiers, windows
from benchmarks.tables import machine, printed, write


def main() -> None:
    began, worked = perf_counter(), process_time()
    # Customers first: memory is measured in a process that has seen none of these sizes.
    in_process = (size.tables(), windows.tables(), events.tables(), tiers.tables())
    tables = printed(chain(*in_process, plugin.tables()))
    share = (process_time() - worked) / (perf_counter() - began)
    click.echo(machine(share))
    write({"machine": machine(share), **tables})


if __name__ == "__main__":
    main()
