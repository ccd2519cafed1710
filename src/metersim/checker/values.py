"""The values that proofs are made with: given by the user, or found by reading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from urllib.parse import urlsplit

from metersim.billing.instants import parse_date_or_instant
from metersim.contract.proof import Proofs
from metersim.errors import ControlError, nearest
from metersim.simulation.vendor import Vendor, installed_vendors

# Where a token is read from that nobody should see on a command line.
TOKEN = "METERSIM_TOKEN"
# What lets the checker in at the second of two implementations.
TOKEN_B = "METERSIM_TOKEN_B"
# What stands in no URL, and in no header of this kind.
_UNSPEAKABLE = re.compile(r"[^!-~]")

# Those that mean the same at every vendor: key -> what it is.
EVERYBODYS = {
    "token_without_scope": "a known token without the rights for what it asks",
    "since": "start of a span that is known to hold usage: a date, or an instant with its offset",
    "until": "end of that span, itself not in it",
}
_SECRETS = frozenset({"token_without_scope"})


def proofs_of(vendor: Vendor) -> Proofs:
    """The vendor's proofs, which stand beside its rules."""
    if not vendor.proofs:
        raise ControlError(f"vendor {vendor.name} declares no proofs: there is nothing to check")
    found: Proofs = import_module(vendor.proofs).PROOFS
    return found


def keys_of(vendor: Vendor) -> dict[str, str]:
    """The keys that the vendor's proofs know, and what each is; none where it has no proofs."""
    own = proofs_of(vendor).values if vendor.proofs else {}
    return {**own, **EVERYBODYS}


def secrets_of(vendor: Vendor) -> frozenset[str]:
    """Those of them that let someone in."""
    return _SECRETS | (proofs_of(vendor).secrets if vendor.proofs else frozenset())


def given(vendor: Vendor, pairs: Iterable[str], option: str = "--set") -> dict[str, str]:
    """The values of ``KEY=VALUE`` texts; ControlError for a key that no vendor knows.

    Those that other vendors alone have a use for are left out: one list may serve several.
    """
    found: dict[str, str] = {}
    known = keys_of(vendor)
    others = {key for each in installed_vendors().values() for key in keys_of(each)}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise ControlError(f"{option}: expected KEY=VALUE, found {pair!r}")
        if key not in {*known, *others}:
            told = f"{vendor.title} has no value that is called {key!r}"
            raise ControlError(f"{option}: {told}; {nearest(key, known)}")
        if not value:
            raise ControlError(f"{option} {key}: expected a value, found none")
        if key in known:
            found[key] = value
    _check_span(found, option)
    return found


def _check_span(values: Mapping[str, str], option: str) -> None:
    bounds = []
    for key in ("since", "until"):
        try:
            bounds.append(parse_date_or_instant(values[key]) if key in values else None)
        except ValueError:
            told = "expected a date, or an instant such as 2026-03-18T09:30:00Z"
            raise ControlError(f"{option} {key}: {told}; found {values[key]!r}") from None
    since, until = bounds
    if since and until and since >= until:
        told = f"since={values['since']} is not before until={values['until']}"
        raise ControlError(f"{option} {told}")


def hidden(vendor: Vendor, token: str | None, given: Mapping[str, str]) -> dict[str, str]:
    """What must not be told, by the environment variable that a shown command reads it from."""
    known = {key.upper(): text for key, text in given.items() if key in secrets_of(vendor)}
    return known if token is None else {TOKEN: token, **known}


def vendor_named(name: str) -> Vendor:
    """The vendor; ControlError with the nearest where there is none."""
    found = installed_vendors()
    if name not in found:
        raise ControlError(f"no vendor {name!r}; {nearest(name, found)}")
    return found[name]


def sound_url(url: str | None) -> str:
    """The URL; ControlError where no call can be made to it."""
    such = "such as http://localhost:3000"
    if not url:
        raise ControlError(f"--url is missing: what the vendor's own paths are appended to, {such}")
    if "://" not in url:
        raise ControlError(f"--url: expected a scheme: http://{url} or https://{url}?")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ControlError(f"--url: expected a URL {such}, found {url!r}: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or _UNSPEAKABLE.search(url):
        raise ControlError(f"--url: expected a URL {such}, found {url!r}")
    if parts.query or parts.fragment or parts.username:
        raise ControlError("--url: expected a URL without query, fragment or credentials")
    return url


def sound_token(token: str | None, option: str = "--token") -> str | None:
    """The token; ControlError, which does not tell it, where no header can hold it."""
    if token is not None and (not token or _UNSPEAKABLE.search(token)):
        told = "an empty one" if not token else "another character, such as a line's end"
        raise ControlError(f"{option}: expected a token of printable ASCII, found {told}")
    return token
