"""The rule book of the one world behind all vendors; every rule is our own promise."""

from __future__ import annotations

from metersim.contract.rule import Basis, Effect, Rule

_BASES = (Basis.ASSUMED,)
_R, _W = Effect.READ, Effect.WRITE
_OWN = "the simulator's own promise"

WORLD_RULES = (
    Rule(
        "WORLD-01",
        "A fact recorded through one vendor is the same fact through every other: a meter's "
        "quantity agrees, whatever the envelope",
        _BASES,
        f"{_OWN}: all vendors bill from one world",
        _W,
        (),
    ),
    Rule(
        "WORLD-02",
        "The same scenario, seed and sequence of requests gives byte-identical answers, on any "
        "machine and in any process",
        _BASES,
        f"{_OWN}: a test that failed can be run again as it was",
        _W,
        (),
    ),
    Rule(
        "WORLD-03",
        "No session sees or moves another session's state, clock, faults, journal or limits",
        _BASES,
        f"{_OWN}: tests that run side by side do not meet",
        _W,
        (),
    ),
    Rule(
        "WORLD-04",
        "Reset returns to the opening state exactly, in a time that does not depend on the size "
        "of the scenario",
        _BASES,
        f"{_OWN}: a test begins where the one before it began",
        _W,
        (),
    ),
    Rule(
        "WORLD-05",
        "Nothing after the clock's now exists; advancing the clock makes it exist; the clock never "
        "moves by itself unless told to",
        _BASES,
        f"{_OWN}: a test says the same on any day",
        _W,
        (),
    ),
    Rule(
        "WORLD-06",
        "The parts add up to the whole in every report: windows, meters, projects, methods, "
        "groups, tiers",
        _BASES,
        f"{_OWN}: a bill can be followed down to what was used",
        _R,
        (),
    ),
)
