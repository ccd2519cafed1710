"""Keeps what lets people in out of all that a run tells."""

from __future__ import annotations

import re
import shlex
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from metersim.contract.exchange import Asked
from metersim.simulation.redaction import MARKER, Redaction

# What is shorter cannot be told from other text.
_SHORTEST = 4
_REDACTION = Redaction()
# A user name and password: the checker makes none up that would be worth showing.
_BASIC = re.compile(r"(?i)\bbasic [A-Za-z0-9+/=_-]+")


@dataclass(frozen=True)
class Secrets:
    """Secrets by the environment variable that a shown command reads them from."""

    by_variable: Mapping[str, str] = field(default_factory=dict)

    def hide(self, text: str) -> str:
        """The text without them, and without what the target's own replies tell of the kind."""
        for secret in self._long_enough().values():
            text = text.replace(secret, MARKER)
            text = text.replace(b64encode(secret.encode()).decode(), MARKER)
        text = _BASIC.sub(f"Basic {MARKER}", text)
        # MK.IO tells the password of a metrics endpoint.
        return _REDACTION.of_body(text.encode(errors="replace")).decode()

    def curl(self, url: str, asked: Asked) -> str:
        """The call as a line for the shell, which reads the secrets from the environment."""
        words = ["curl --globoff --include"]
        if asked.method != "GET":
            words.append(f"--request {shlex.quote(asked.method)}")
        words += [self._header(name, value) for name, value in asked.headers.items()]
        if asked.content:
            content = self.hide(asked.content.decode(errors="replace"))
            words.append(f"--data-raw {shlex.quote(content)}")
        words.append(shlex.quote(self.hide(url.rstrip("/") + asked.target)))
        return " ".join(words)

    def _header(self, name: str, value: str) -> str:
        # Where credentials stand, even a short one cannot be taken for other text.
        known = self.by_variable if name in _REDACTION.headers else self._long_enough()
        for variable, secret in known.items():
            if secret in value:
                before, _, after = value.rpartition(secret)
                return f'--header {shlex.quote(f"{name}: {before}")}"${variable}"{after}'
        return f"--header {shlex.quote(self.hide(f'{name}: {value}'))}"

    def _long_enough(self) -> dict[str, str]:
        return {name: each for name, each in self.by_variable.items() if len(each) >= _SHORTEST}
