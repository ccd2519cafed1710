"""The values that proofs are made with: given by the user, or found by reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from metersim.billing.instants import parse_date_or_instant
from metersim.errors import ControlError, nearest
from metersim.simulation.vendor import Vendor, installed_vendors

# Where a token is read from that nobody should see on a command line.
TOKEN = "METERSIM_TOKEN"
# What lets the checker in at the second of two implementations.
TOKEN_B = "METERSIM_TOKEN_B"

# Key -> what it is, as people look for it.
KEYS = {
    "project": "name of a project with usage (mkio)",
    "other_project": "name of another project with usage (mkio)",
    "inactive_project": "name of a project without a payment method, to be activated (mkio)",
    "payment_method": "id of a payment method (mkio)",
    "other_payment_method": "id of another payment method, terms accepted (mkio)",
    "customer_id": "uuid of a customer with usage (monk, metronome)",
    "other_customer_id": "uuid of another customer (monk, metronome)",
    "external_customer_id": "the same customer's external id (monk)",
    "event_name": "name of a usage event that a meter counts (monk)",
    "other_event_name": "name of another usage event, that another meter counts (monk)",
    "inactive_event_name": "name of a usage event that only an inactive meter counts (monk)",
    "metric_id": "uuid of a billable metric that sums, with usage (metronome)",
    "property_key": "key of a property of such events (monk, metronome)",
    "property_value": "a value that the property has (monk)",
    "charged_late": "a day on which usage was charged that had occurred before that day (mkio)",
    "project_id": "id of a project that takes usage from anybody (mudbase)",
    "secured_project_id": "id of a project that takes usage with its own key only (mudbase)",
    "secured_project_key": "the key of that project (mudbase)",
    "other_project_key": "the key of another project (mudbase)",
    "restricted_project_id": "id of a project whose organization is restricted (mudbase)",
    "email": "email address of a customer of the project (mudbase)",
    "token_without_scope": "a known token without the rights for it (monk, …)",
    "since": "start of a span that is known to hold usage: a date, or an instant with its offset",
    "until": "end of that span, itself not in it",
}

# Those that let someone in.
_SECRETS = {"token_without_scope", "secured_project_key", "other_project_key"}


def given(pairs: Iterable[str]) -> dict[str, str]:
    """The values of ``KEY=VALUE`` texts; ControlError for a key that no proof knows."""
    found: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise ControlError(f"--set: expected KEY=VALUE, found {pair!r}")
        if key not in KEYS:
            raise ControlError(f"--set: no value is called {key!r}; {nearest(key, KEYS)}")
        if not value:
            raise ControlError(f"--set {key}: expected a value, found none")
        found[key] = value
    _check_span(found)
    return found


def _check_span(values: Mapping[str, str]) -> None:
    bounds = []
    for key in ("since", "until"):
        try:
            bounds.append(parse_date_or_instant(values[key]) if key in values else None)
        except ValueError:
            told = "expected a date, or an instant such as 2026-03-18T09:30:00Z"
            raise ControlError(f"--set {key}: {told}; found {values[key]!r}") from None
    since, until = bounds
    if since and until and since >= until:
        raise ControlError(f"--set since={values['since']} is not before until={values['until']}")


def is_secret(pair: str) -> bool:
    """Whether a value must not be told, by its key."""
    return pair.partition("=")[0] in _SECRETS


def secrets_of(token: str | None, given: Mapping[str, str]) -> dict[str, str]:
    """What must not be told, by the environment variable that a shown command reads it from."""
    known = {key.upper(): text for key, text in given.items() if is_secret(key)}
    return known if token is None else {TOKEN: token, **known}


def vendor_named(name: str) -> Vendor:
    """The vendor; ControlError with the nearest where there is none."""
    found = installed_vendors()
    if name not in found:
        raise ControlError(f"no vendor {name!r}; {nearest(name, found)}")
    return found[name]


def sound_url(url: str | None) -> str:
    """The URL; ControlError where no call can be made to it."""
    parts = urlsplit(url or "")
    if url is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ControlError(f"--url: expected a URL such as http://127.0.0.1:8640, found {url!r}")
    if parts.query or parts.fragment or parts.username:
        raise ControlError("--url: expected a URL without query, fragment or credentials")
    return url
