"""The one source of chance: a keyed hash, so that the same seed and question give the same answer.

Names of things go in, never a running generator: asking once more changes nothing asked later.
"""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID


class Identifiers:
    """Ids, secrets and signatures that follow from a seed."""

    def __init__(self, seed: int) -> None:
        self._key = blake2b(str(seed).encode(), digest_size=32).digest()

    def digest(self, *about: str, size: int = 16) -> bytes:
        """``size`` bytes (64 at most) that depend on the seed and on what is asked about."""
        message = b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in about)
        return blake2b(message, key=self._key, digest_size=size).digest()

    def uuid(self, *about: str) -> str:
        """A version 4 UUID."""
        return str(UUID(bytes=self.digest(*about), version=4))

    def token(self, *about: str, size: int = 12) -> str:
        """Hexadecimal digits, two a byte."""
        return self.digest(*about, size=size).hex()
