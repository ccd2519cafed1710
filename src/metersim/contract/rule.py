"""A law of a vendor's API that no schema can express."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Basis(StrEnum):
    """Who says so. A broken documented or confirmed rule is a failure, an assumed one a notice."""

    DOCUMENTED = "documented"
    CONFIRMED = "confirmed"
    ASSUMED = "assumed"


class Effect(StrEnum):
    """Whether seeing the rule hold changes anything at the target."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Rule:
    """One law: a stable id, its statement, on whose word, and the operations it is about.

    ``bases`` has more than one entry where a part of the law is documented and another is not;
    ``source`` says which part is known from where, or on what ground it is assumed.
    ``modelled`` says whether the simulator keeps it today.

    ``refuses`` are the beginnings of what is said against a call for the rule's sake: a status and
    the operation, or the method where there is none (``404``, ``405 DELETE``), or what departs from
    the contract, with ``*`` for an index (``body.granularity:``). Where such words do not tell one
    rule from another, the code that refuses names it.
    """

    id: str
    statement: str
    bases: tuple[Basis, ...]
    source: str
    effect: Effect
    operations: tuple[str, ...]
    modelled: bool = True
    refuses: tuple[str, ...] = ()
