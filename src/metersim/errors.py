"""Our own exceptions.

    MetersimError
    ├── ReadingError    a file is no YAML that we take: says file and line (``reading.py``)
    ├── ScenarioError   a scenario cannot be used: says file, line, key, found, expected
    ├── ContractError   an OpenAPI document or a vendor's declaration cannot be used
    ├── ControlError    a call to the control plane, or of the command line, makes no sense
    └── DefectError     the simulator answered something its contract does not allow

A vendor's refusal is a *problem* (``simulation/problems.py``), a departure from a contract is a
*violation* (``validation.py``); neither is an exception of this family.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sized
from difflib import get_close_matches


class MetersimError(Exception):
    """Root of everything metersim raises on its own account."""


class ScenarioError(MetersimError):
    """A scenario that cannot be opened."""


class ContractError(MetersimError):
    """A document, or a vendor's declaration beside it, that cannot be served."""


class ControlError(MetersimError):
    """A request to the control plane or the command line that cannot be carried out."""


class DefectError(MetersimError):
    """A reply of ours departs from the contract it is made for."""


_SHOWN = 12
# To compare with more than these takes longer than the hint is worth, as it does for a long text.
_MOST_COMPARED, _LONGEST_COMPARED = 1_000, 200
# One random number is no misspelling of another.
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def cut(text: str) -> str:
    """The text for a message: its beginning where it is long."""
    return text if len(text) <= 80 else f"{text[:77]}…"


def nearest(found: str, allowed: Iterable[str]) -> str:
    """The tail of a message: the allowed values, and before them the one that may be meant."""
    known = sorted(allowed)
    close = get_close_matches(found, known, n=1, cutoff=0.5) if _can_be_meant(found, known) else []
    hint = f"did you mean {close[0]!r}? " if close else ""
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"{hint}allowed: {', '.join(known[:_SHOWN]) or 'none'}{more}"


def _can_be_meant(found: str, known: Sized) -> bool:
    short = len(found) <= _LONGEST_COMPARED and len(known) <= _MOST_COMPARED
    return short and not _UUID.fullmatch(found)
