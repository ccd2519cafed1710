"""A sound scenario with all that the format knows, and what is said of it once it is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from metersim.errors import ScenarioError
from metersim.scenario import load_scenario
from metersim.world.opening import Opening

SOUND = """\
clock: 2026-03-18T09:30:00Z
meters:
  calls: {}
  seats: {aggregation: LATEST}
  peak: {aggregation: MAX, property: streams}
  jobs: {aggregation: COUNT, events: [job]}
rate_cards:
  list:
    prices:
      calls: 0.10
payment_methods:
  card: {rate_card: list}
plans:
  team: {price: 29}
customers:
  count: 2
  locale: en_US
  each: {plan: team}
  acme: {plan: team}
  other: {}
projects:
  each: {payment_method: card}
  site: {customer: acme, payment_method: card}
usage:
  - {customer: each, project: each, event: calls, from: 2026-01-01, amount: 7, spread: 0.5}
  - {customer: acme, project: site, event: calls, from: 2026-01-01, amount: 5}
events:
  - {at: 2026-03-01, customer: acme, event: calls, quantity: 2}
"""


def opened(folder: Path, text: str, seed: int | None = None) -> Opening:
    """The opening of a scenario of this text."""
    return load_scenario(_written(folder, text)).open(seed)


def refused(folder: Path, text: str) -> list[str]:
    """What is said of a scenario that cannot be opened, without the folder."""
    path = _written(folder, text)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def broken(sound: str, instead: str) -> str:
    """The sound scenario with one of its words replaced."""
    assert SOUND.count(sound) == 1, sound
    return SOUND.replace(sound, instead)


def _written(folder: Path, text: str) -> Path:
    path = folder / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return path
