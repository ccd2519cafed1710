"""Finds the files that come with metersim: OpenAPI documents and scenarios."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def bundled(folder: str) -> Path:
    """A folder inside the installed package; in a source checkout, the one at the project's top."""
    inside = _PACKAGE / folder
    return inside if inside.is_dir() else _PACKAGE.parent.parent / folder
