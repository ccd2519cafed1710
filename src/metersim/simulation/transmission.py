"""How a reply is to go over the wire, as data: whoever holds the connection carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Breakage(StrEnum):
    """What a fault does to a connection: WireMock's four words, and two of our own."""

    # The call never gets as far as the vendor's work.
    CONNECTION_RESET_BY_PEER = "CONNECTION_RESET_BY_PEER"
    EMPTY_RESPONSE = "EMPTY_RESPONSE"
    RANDOM_DATA_THEN_CLOSE = "RANDOM_DATA_THEN_CLOSE"
    # The work is done, and the caller cannot know it.
    MALFORMED_RESPONSE_CHUNK = "MALFORMED_RESPONSE_CHUNK"
    TRUNCATED_BODY = "TRUNCATED_BODY"
    ANSWER_LOST = "ANSWER_LOST"

    @property
    def before_work(self) -> bool:
        """Whether the call is cut off before anything is done."""
        return self in _BEFORE_WORK

    @property
    def needs_body(self) -> bool:
        """Whether there has to be a body to break."""
        return self in (Breakage.MALFORMED_RESPONSE_CHUNK, Breakage.TRUNCATED_BODY)


_BEFORE_WORK = {
    Breakage.CONNECTION_RESET_BY_PEER,
    Breakage.EMPTY_RESPONSE,
    Breakage.RANDOM_DATA_THEN_CLOSE,
}


@dataclass(frozen=True, slots=True)
class Transmission:
    """The machine's milliseconds to wait first, and over which to spread so many chunks of body.

    ``faults`` are the ids of the rules that had a hand in the reply, and ``garbage`` is what goes
    out where the breakage wants some.
    """

    delay: int = 0
    chunks: int = 0
    spread: int = 0
    breakage: Breakage | None = None
    garbage: bytes = b""
    faults: tuple[str, ...] = ()

    @property
    def silent(self) -> bool:
        """Whether nothing of the answer reaches the caller."""
        return self.breakage is not None and not self.breakage.needs_body


UNDISTURBED = Transmission()
