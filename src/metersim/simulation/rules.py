"""The rule book of the one world behind all vendors; every rule is our own promise."""

from __future__ import annotations

from metersim.contract.rule import Basis, Effect, Rule

_BASES = (Basis.ASSUMED,)
_R, _W = Effect.READ, Effect.WRITE

WORLD_RULES = (
    Rule(
        "WORLD-01",
        "A fact recorded through one vendor is the same fact through every other: a meter's "
        "quantity agrees, whatever the envelope",
        _BASES,
        _W,
        (),
    ),
    Rule(
        "WORLD-02",
        "The same scenario, seed and sequence of requests gives byte-identical answers, on any "
        "machine and in any process",
        _BASES,
        _W,
        (),
    ),
    Rule(
        "WORLD-03",
        "No session sees or moves another session's state, clock, faults, journal or limits",
        _BASES,
        _W,
        (),
    ),
    Rule(
        "WORLD-04",
        "Reset returns to the opening state exactly, in a time that does not depend on the size "
        "of the scenario",
        _BASES,
        _W,
        (),
    ),
    Rule(
        "WORLD-05",
        "Nothing after the clock's now exists; advancing the clock makes it exist; the clock never "
        "moves by itself unless told to",
        _BASES,
        _W,
        (),
    ),
    Rule(
        "WORLD-06",
        "The parts add up to the whole in every report: windows, meters, projects, methods, "
        "groups, tiers",
        _BASES,
        _R,
        (),
    ),
)
