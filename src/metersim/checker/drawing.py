"""Values for laws about all inputs, drawn by Hypothesis: the simplest first, shrunk on failure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from metersim.billing.instants import Span
from metersim.contract.exchange import Unproven
from metersim.contract.trial import Draw

T = TypeVar("T")

# After the first failure, so many attempts to find a smaller one.
_SHRINKS = 25


class _Enough(KeyboardInterrupt):
    """Ends a search at once: the only kind of exception that Hypothesis lets through as it is."""


class Drawn:
    """Draws from Hypothesis's data."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    def integer(self, least: int, most: int) -> int:
        """One of least to most, both included."""
        return self._data.draw(st.integers(least, most))

    def one_of(self, values: Sequence[T]) -> T:
        """One of these."""
        return values[self.integer(0, len(values) - 1)]

    def some_of(self, values: Sequence[T], least: int = 0) -> list[T]:
        """At least so many of these, each once, in their order."""
        # By a number whose bits say which: no draw is ever thrown away, and none asks the target
        # anew. The simplest is the first of them alone.
        chosen = self.integer((1 << least) - 1, (1 << len(values)) - 1)
        places = [at for at in range(len(values)) if chosen >> at & 1]
        missing = [at for at in range(len(values)) if at not in places][: least - len(places)]
        return [values[at] for at in sorted([*places, *(missing if len(places) < least else [])])]

    def instant(self, within: Span, step: timedelta = timedelta(seconds=1)) -> datetime:
        """One of the span's instants, a whole number of steps after its start, its end excluded."""
        steps = -((within.start - within.end) // step)
        return within.start + self.integer(0, max(steps - 1, 0)) * step


def attempted(attempt: Callable[[Draw], None], examples: int, number: int) -> None:
    """Make so many attempts; raises what the smallest failing one raised, or Unproven at once."""
    failures: list[Exception] = []
    held = after_failure = 0

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        print_blob=False,
    )
    @given(st.data())
    def search(data: st.DataObject) -> None:
        nonlocal held, after_failure
        # It tries more often than it is told to where the draws differ in kind.
        if after_failure > _SHRINKS or not failures and held == examples:
            raise _Enough
        after_failure += bool(failures)
        try:
            attempt(Drawn(data))
        except Unproven as unproven:
            # More of the same will not prove it either; a failure already seen goes before.
            failures[:] = failures or [unproven]
            raise _Enough from None
        except Exception as error:
            failures.append(error)
            raise
        held += 1

    try:
        search()
    except (_Enough, Flaky):
        pass
    except Exception as error:
        if error not in failures:
            raise
    if failures:
        raise failures[-1]
