"""What keeps the code readable and no linter counts."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import metersim

ROOT = Path(__file__).parent.parent
FILES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py")])


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_has_300_lines_at_most_and_a_function_50(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 50, node.name


def test_what_the_package_offers_is_listed_in_order() -> None:
    assert metersim.__all__ == sorted(metersim.__all__)
    assert all(hasattr(metersim, name) for name in metersim.__all__)
