"""The examples, which are tests, by what each of them says it shows."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.docs.markdown import table

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = sorted((ROOT / "tests" / "examples").glob("test_*.py"))


def examples() -> str:
    """A row for each, with a link to it as the README has it."""
    rows = []
    for path in EXAMPLES:
        about = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        name = path.stem.removeprefix("test_").replace("_", " ")
        rows.append((f"[{name}]({path.relative_to(ROOT)})", about))
    return table(("example", "what it shows"), rows)
