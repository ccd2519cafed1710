"""Takes the secrets out of what the journal keeps, before it is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import unquote_plus

from metersim.simulation.vendor import Vendor
from metersim.validation import Violation

MARKER = "[redacted]"

# The first word of a header's value is told only where it can be no part of a secret.
_SCHEMES = {"basic", "bearer", "digest", "token"}

# Headers whose value is a URL.
_ADDRESSES = {"content-location", "location", "referer"}


@dataclass(frozen=True)
class Redaction:
    """The names that bring secrets, lower case: of headers, query parameters, keys in JSON."""

    headers: frozenset[str] = frozenset(
        {
            *("authorization", "proxy-authorization", "cookie", "set-cookie"),
            *("api-key", "x-api-key", "x-auth-token", "x-mkio-token"),
        }
    )
    query: frozenset[str] = frozenset(
        {"access_token", "api-key", "api_key", "apikey", "auth_token", "password", "token"}
    )
    # MK.IO tells the password of a metrics endpoint in its replies.
    keys: frozenset[str] = frozenset({"password"})

    def of_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers by lower-case name; of a secret one at most its authentication scheme."""
        return {name.lower(): self._of_header(name.lower(), each) for name, each in headers.items()}

    def of_url(self, url: str) -> str:
        """The URL, a secret parameter without its value and all else as it was."""
        path, mark, query = url.partition("?")
        return path + mark + "&".join(self._of_parameter(each) for each in query.split("&"))

    def of_body(self, content: bytes) -> bytes:
        """The body, a secret key without its value and all else as it was, JSON or not."""
        return self._secret.sub(rb'\1"%s"' % MARKER.encode(), content)

    def of_violation(self, violation: Violation) -> Violation:
        """The violation; one of a secret does not tell what was found."""
        names = self.headers | self.query | self.keys
        if not any(str(step).lower() in names for step in violation.path):
            return violation
        return replace(violation, message=MARKER)

    def _of_header(self, name: str, value: str) -> str:
        if name in self.headers:
            return _of_credentials(value)
        return self.of_url(value) if name in _ADDRESSES else value

    def _of_parameter(self, parameter: str) -> str:
        name, equals, _ = parameter.partition("=")
        secret = equals and unquote_plus(name).lower() in self.query
        return f"{name}={MARKER}" if secret else parameter

    @cached_property
    def _secret(self) -> re.Pattern[bytes]:
        # By text, so that the body is kept as it was spelt. It may break off within the value.
        names = "|".join(map(re.escape, sorted(self.keys)))
        text = rf'("(?:{names})"\s*+:\s*+)(?:"(?:[^"\\]++|\\.?)*+"?|[^\s",:\[\]{{}}]++)'
        return re.compile(text.encode(), re.DOTALL | re.IGNORECASE)


def redaction_for(vendors: Iterable[Vendor]) -> Redaction:
    """One that knows every header in which these vendors take a secret."""
    operations = (each for vendor in vendors for each in vendor.contract.operations.values())
    headers = {need.header for operation in operations for need in operation.security}
    return Redaction(headers=Redaction().headers | headers)


def is_scheme(text: str) -> bool:
    """Whether a text is what is kept of credentials before the secret."""
    return text.strip().lower() in _SCHEMES


def _of_credentials(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MARKER}" if space and scheme.lower() in _SCHEMES else MARKER
