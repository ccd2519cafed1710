"""Metronome's rule book: the laws that its document cannot express."""

from __future__ import annotations

from metersim.contract.rule import Basis, Effect, Rule

_D, _C, _A = Basis.DOCUMENTED, Basis.CONFIRMED, Basis.ASSUMED
_R, _W = Effect.READ, Effect.WRITE
_USAGE = ("listUsage",)

RULES = (
    Rule("METRONOME-01", "Missing, blank or wrong Bearer token → 401 with {message}", (_D, _C), _R, _USAGE),
)
