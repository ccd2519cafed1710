"""A comparison from the options to its data: what the command does once it knows what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from metersim.checker import likeness, values
from metersim.checker.comparing import Comparing
from metersim.checker.pace import Pace, interval
from metersim.checker.proving import Prover
from metersim.checker.run import selected
from metersim.checker.secrets import Secrets
from metersim.checker.target import Target
from metersim.errors import ControlError
from metersim.reading import Json
from metersim.simulation.vendor import Vendor


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    vendor: str
    urls: tuple[str, str]
    token: str | None
    token_b: str | None
    settings: tuple[str, ...]
    settings_b: tuple[str, ...]
    rules: tuple[str, ...]
    seed: int
    rate: str | None
    max_calls: int
    timeout: int
    insecure: bool


def compared(asked: Options) -> Json:
    """Make the calls, and tell where the answers differ."""
    vendor = values.vendor_named(asked.vendor)
    given = values.given(vendor, asked.settings)
    given_b = _given_b(vendor, asked.settings_b)
    here, there = map(values.sound_url, asked.urls)
    values.sound_token(asked.token)
    values.sound_token(asked.token_b, "--token-b")
    rules = selected(vendor, asked.rules)
    secrets = values.hidden(vendor, asked.token, given)
    of_b = values.hidden(vendor, None, given_b)
    secrets |= {f"{name}_B": text for name, text in of_b.items()}
    if asked.token_b is not None:
        secrets[values.TOKEN_B] = asked.token_b
    with _target(here, asked) as first, _target(there, asked) as second:
        prover = Prover(
            vendor.contract,
            values.proofs_of(vendor),
            first,
            values=given,
            token=asked.token,
            seed=asked.seed,
        )
        tokens = (asked.token, asked.token_b)
        found = Comparing(prover, rules, second, tokens, given_b).compare()
    return likeness.told(found, Secrets(secrets), here, there)


def _given_b(vendor: Vendor, pairs: Sequence[str]) -> dict[str, str]:
    found = values.given(vendor, pairs, "--set-b")
    for key in found.keys() & {"since", "until"}:
        raise ControlError(f"--set-b {key}: both are asked about the same span, by --set {key}")
    return found


def _target(url: str, asked: Options) -> Target:
    pace = Pace(interval(asked.rate) if asked.rate else 0)
    return Target(url, pace, asked.max_calls, asked.timeout, not asked.insecure)
