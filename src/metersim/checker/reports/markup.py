"""HTML out of text that nobody vouches for: whatever a reply holds, the page shows it as text."""

from __future__ import annotations

from html import escape
from unicodedata import category

# Controls, formats that turn the text around or cannot be seen, halves of surrogates.
_UNSEEN = {"Cc", "Cf", "Cs"}


def text(value: object) -> str:
    """The value as text of a page; what cannot be seen is spelt out."""
    return escape("".join(map(_seen, str(value))))


def _seen(character: str) -> str:
    if character in "\n\t" or category(character) not in _UNSEEN:
        return character
    return f"\\u{{{ord(character):x}}}"


def element(name: str, *content: str, **attributes: object) -> str:
    """An element around what is markup already; ``_`` at an attribute's end is left out."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{told}>{''.join(content)}</{name}>"
