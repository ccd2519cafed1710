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

from collections.abc import Iterable
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


def nearest(found: str, allowed: Iterable[str]) -> str:
    """The tail of a message: the allowed values, and before them the one that may be meant."""
    known = sorted(allowed)
    close = get_close_matches(found, known, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}? " if close else ""
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"{hint}allowed: {', '.join(known[:_SHOWN]) or 'none'}{more}"
