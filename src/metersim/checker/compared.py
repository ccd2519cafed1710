"""A comparison from the options to its data: what the command does once it knows what is asked."""

from __future__ import annotations

from dataclasses import dataclass

from metersim.checker import likeness, values
from metersim.checker.comparing import Comparing
from metersim.checker.pace import Pace, interval
from metersim.checker.proving import Prover
from metersim.checker.run import proofs_of, selected
from metersim.checker.secrets import Secrets
from metersim.checker.target import Target
from metersim.reading import Json


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    vendor: str
    urls: tuple[str, str]
    token: str | None
    token_b: str | None
    settings: tuple[str, ...]
    rules: tuple[str, ...]
    seed: int
    rate: str | None
    max_calls: int
    timeout: int
    insecure: bool


def compared(asked: Options) -> Json:
    """Make the calls, and tell where the answers differ."""
    vendor, given = values.vendor_named(asked.vendor), values.given(asked.settings)
    here, there = map(values.sound_url, asked.urls)
    rules = selected(vendor, asked.rules)
    secrets = values.secrets_of(asked.token, given)
    if asked.token_b is not None:
        secrets[values.TOKEN_B] = asked.token_b
    with _target(here, asked) as first, _target(there, asked) as second:
        prover = Prover(vendor.contract, proofs_of(vendor), first, given, asked.token, asked.seed)
        tokens = (asked.token, asked.token_b)
        found = Comparing(prover, rules, second, tokens).compare()
    return likeness.told(found, Secrets(secrets), here, there)


def _target(url: str, asked: Options) -> Target:
    pace = Pace(interval(asked.rate) if asked.rate else 0)
    return Target(url, pace, asked.max_calls, asked.timeout, not asked.insecure)
