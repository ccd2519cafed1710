"""From a raw path to an operation and the values in the path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metersim.contract.document import Contract, Route
from tests.contract.documents import ASSUMED, loaded


def contract(folder: Path, *templates: str) -> Contract:
    """A document whose paths each have one operation, named like the path."""
    paths: dict[str, Any] = {}
    for template in templates:
        names = [part[1:-1] for part in template.split("/") if part.startswith("{")]
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {}, **ASSUMED}
            for name in names
        ]
        paths[template] = {
            "get": {"operationId": template, **ASSUMED, "parameters": parameters, "responses": {}}
        }
    return loaded(folder, {"openapi": "3.1.0", "info": {"title": "Paths"}, "paths": paths})


def found(matched: tuple[Route, dict[str, str]] | None) -> tuple[str, dict[str, str]]:
    assert matched is not None
    route, values = matched
    return route.operations["GET"].id, values


@pytest.mark.parametrize(
    ("path", "template", "values"),
    [
        ("/a/mine", "/a/mine", {}),
        ("/a/yours", "/a/{x}", {"x": "yours"}),
        ("/b/mine", "/{y}/mine", {"y": "b"}),
        ("/b/yours", "/{y}/{x}", {"y": "b", "x": "yours"}),
    ],
)
def test_static_goes_before_templated(
    tmp_path: Path, path: str, template: str, values: dict[str, str]
) -> None:
    # In an order that would answer all of them by the first.
    routes = contract(tmp_path, "/{y}/{x}", "/{y}/mine", "/a/{x}", "/a/mine")
    assert found(routes.match(path)) == (template, values)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/p/a%2Fb", "a/b"),
        ("/p/%2F", "/"),
        ("/p/a%20b", "a b"),
        ("/p/a+b", "a+b"),
        ("/p/%C3%A9", "é"),
        ("/p/%25", "%"),
        ("/p/50%", "50%"),
        ("/p/{x}", "{x}"),
        ("/p/..", ".."),
    ],
)
def test_a_segment_is_decoded_after_it_was_parted(tmp_path: Path, path: str, value: str) -> None:
    assert found(contract(tmp_path, "/p/{x}").match(path)) == ("/p/{x}", {"x": value})


@pytest.mark.parametrize("path", ["/p/", "/p", "/p/a/", "/p/a/b", "//a", "p/a", "", "/", "/P/a"])
def test_an_empty_missing_or_further_segment_is_no_match(tmp_path: Path, path: str) -> None:
    assert contract(tmp_path, "/p/{x}").match(path) is None


@pytest.mark.parametrize("path", ["/p/%FF", "/p/%C3", "/p/%ED%A0%80"])
def test_what_is_no_utf_8_is_no_match(tmp_path: Path, path: str) -> None:
    assert contract(tmp_path, "/p/{x}").match(path) is None


def test_a_static_segment_may_be_encoded_too(tmp_path: Path) -> None:
    assert found(contract(tmp_path, "/a b/c").match("/a%20b/%63"))[0] == "/a b/c"


@given(path=st.text(max_size=30) | st.text("/%2Fabc0", max_size=12))
def test_no_path_at_all_makes_matching_fail(
    tmp_path_factory: pytest.TempPathFactory, path: str
) -> None:
    routes = contract(tmp_path_factory.getbasetemp(), "/p/{x}", "/p/{x}/q", "/p")
    matched = routes.match(path)
    if matched is not None:
        assert all(matched[1].values())
        assert path.startswith("/")


def test_methods_of_one_path_share_its_route(tmp_path: Path) -> None:
    route = contract(tmp_path, "/p/{x}").routes[0]
    assert list(route.operations) == ["GET"]
