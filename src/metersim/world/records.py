"""Usage events recorded since a world opened, in order of arrival; some of them count once."""

from __future__ import annotations

from dataclasses import replace

from metersim.billing.usage import UsageEvent


class Records:
    """The events, and the ids under which some of them count once."""

    def __init__(self) -> None:
        self.events: list[UsageEvent] = []
        self._numbers: dict[str, list[int]] = {}

    def add(self, event: UsageEvent, replaces: bool) -> None:
        """One more; it may take the place of the last one of its id."""
        numbers = self._numbers.setdefault(event.once, []) if event.once is not None else []
        if replaces and numbers:
            self._replace(numbers, event)
        numbers.append(len(self.events))
        self.events.append(event)

    def last(self, once: str) -> UsageEvent | None:
        """The one that was last recorded under an id."""
        return self.events[numbers[-1]] if (numbers := self._numbers.get(once)) else None

    def _replace(self, numbers: list[int], newer: UsageEvent) -> None:
        """Those that it had replaced go too: the clock may have been set back before that."""
        for number in numbers:
            event, at = self.events[number], newer.accepted or newer.occurred
            if number == numbers[-1] or (event.replaced is not None and event.replaced > at):
                self.events[number] = replace(event, replaced=at)
