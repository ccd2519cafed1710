"""Where usage comes from: families of series, made when asked for, and events by what they name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from metersim.billing.usage import Series, SeriesSums, UsageEvent


@dataclass(frozen=True)
class SeriesFamily:
    """Series of one event name that differ in whose they are: ``of`` makes those of a customer."""

    name: str
    customers: Collection[str]
    of: Callable[[str], Sequence[Series]]


class OpeningSeries:
    """All series of a world's opening. A thousand customers cost what is asked of one of them."""

    def __init__(self, families: Iterable[SeriesFamily] = ()) -> None:
        self._of_one: dict[tuple[str, str], list[SeriesFamily]] = {}
        self._of_many: dict[str, list[SeriesFamily]] = {}
        self._customers: dict[str, list[Collection[str]]] = {}
        self._made: dict[tuple[str, str], list[SeriesSums]] = {}
        for family in families:
            if len(family.customers) == 1:
                (customer,) = family.customers
                self._of_one.setdefault((family.name, customer), []).append(family)
            else:
                self._of_many.setdefault(family.name, []).append(family)
            self._customers.setdefault(family.name, []).append(family.customers)

    def named(self, name: str, customer: str | None) -> Iterator[SeriesSums]:
        """The series of an event name that are a customer's, or for None everyone's."""
        customers: Iterable[str] = (customer,) if customer is not None else ()
        if customer is None:
            customers = dict.fromkeys(chain.from_iterable(self._customers.get(name, ())))
        for each in customers:
            yield from self._of(name, each)

    def _of(self, name: str, customer: str) -> Sequence[SeriesSums]:
        if (name, customer) not in self._made:
            families = [
                *self._of_one.get((name, customer), ()),
                *(f for f in self._of_many.get(name, ()) if customer in f.customers),
            ]
            if not families:
                return ()
            made = [SeriesSums(series) for family in families for series in family.of(customer)]
            self._made[name, customer] = made
        return self._made[name, customer]


class EventIndex:
    """Events in order of arrival, found by names and by the customer or project they came with.

    The events may be a list that grows: what was added is indexed when next asked.
    """

    def __init__(self, events: Sequence[UsageEvent] = ()) -> None:
        self._events = events
        self._indexed = 0
        self._by_customer: dict[str, dict[str, list[int]]] = {}
        self._by_project: dict[str, dict[str | None, list[int]]] = {}

    def of_customers(
        self, names: Iterable[str], means: Callable[[str], bool]
    ) -> Iterator[UsageEvent]:
        """Events of some names whose customer reference means the customer who is wanted."""
        self._catch_up()
        numbers = (
            numbers
            for name in names
            for reference, numbers in self._by_customer.get(name, {}).items()
            if means(reference)
        )
        return self._in_order(numbers)

    def unplaced(self, names: Iterable[str], means: Callable[[str], bool]) -> Iterator[UsageEvent]:
        """Those of a customer's events that came without a project."""
        self._catch_up()
        some = (name for name in names if None in self._by_project.get(name, ()))
        return (event for event in self.of_customers(some, means) if event.project is None)

    def of_project(self, names: Iterable[str], project: str) -> Iterator[UsageEvent]:
        """Events of some names that came with a project."""
        self._catch_up()
        return self._in_order(self._by_project.get(name, {}).get(project, ()) for name in names)

    def _in_order(self, numbers: Iterable[Iterable[int]]) -> Iterator[UsageEvent]:
        return (self._events[number] for number in sorted(chain.from_iterable(numbers)))

    def _catch_up(self) -> None:
        for number in range(self._indexed, len(self._events)):
            event = self._events[number]
            by_customer = self._by_customer.setdefault(event.name, {})
            by_customer.setdefault(event.customer, []).append(number)
            by_project = self._by_project.setdefault(event.name, {})
            by_project.setdefault(event.project, []).append(number)
        self._indexed = len(self._events)
