"""Compiles an OpenAPI 3.1 document, and refuses one that it does not wholly understand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from metersim.contract.operation import Body, Operation, Parameter, Requirement
from metersim.errors import ContractError, nearest
from metersim.reading import Json, ReadingError, Source, read_file
from metersim.validation import Validator

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# What is listed here is handled; anything else stops the start, so that no promise goes unkept.
_SCHEMA = {
    *("$ref", "type", "enum", "const", "format", "pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("items", "minItems", "maxItems", "uniqueItems"),
    *("properties", "required", "additionalProperties", "minProperties", "maxProperties"),
    *("oneOf", "anyOf", "allOf", "not"),
    *("title", "description", "examples", "default", "deprecated", "x-basis", "x-source"),
}
_OPERATION = {
    *("operationId", "tags", "summary", "description", "deprecated", "externalDocs"),
    *("parameters", "requestBody", "responses", "security"),
    *("x-basis", "x-source", "x-strict-query"),
}
_PARAMETER = {
    *("name", "in", "required", "schema", "style", "explode"),
    *("description", "example", "examples", "deprecated", "x-basis", "x-source"),
}
_STYLES = {"path": "simple", "query": "form", "header": "simple"}
_SCHEMES = {("http", "bearer"), ("http", "basic"), ("apiKey", None)}
_BASES = ("documented", "confirmed", "assumed")


@dataclass(frozen=True, slots=True)
class Route:
    """A path template as segments, and its operations by upper-case method."""

    segments: Sequence[str]
    operations: Mapping[str, Operation]

    def match(self, segments: Sequence[str]) -> dict[str, str] | None:
        """The path parameters (percent-decoded), or None when the path is another's."""
        if len(segments) != len(self.segments):
            return None
        found: dict[str, str] = {}
        for mine, given in zip(self.segments, segments, strict=True):
            if mine.startswith("{"):
                found[mine[1:-1]] = given
            elif mine != given:
                return None
        return found


@dataclass(frozen=True, slots=True)
class Contract:
    """A compiled document: operations by id, and the routes to them, static before templated."""

    title: str
    path: Path
    operations: Mapping[str, Operation]
    routes: Sequence[Route]

    def match(self, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route of a raw path, with the path's parameters; None when no operation has it."""
        try:
            # Split before decoding, so that an encoded slash stays within its segment.
            segments = [unquote(part, errors="strict") for part in path.split("/")[1:]]
        except UnicodeDecodeError:
            return None
        for route in self.routes:
            if (parameters := route.match(segments)) is not None and all(parameters.values()):
                return route, parameters
        return None


def load(path: Path) -> Contract:
    """Compile the document at a path; ContractError says file, line and what is not understood."""
    try:
        source = read_file(path)
    except ReadingError as error:
        raise ContractError(str(error)) from None
    return _Compilation(source, path).contract()


class _Compilation:
    def __init__(self, source: Source, path: Path) -> None:
        self._source = source
        self._path = path
        self._document: Json = source.data if isinstance(source.data, dict) else {}
        self._components: Json = {
            "schemas": self._document.get("components", {}).get("schemas", {})
        }

    def contract(self) -> Contract:
        if not str(self._document.get("openapi", "")).startswith("3.1."):
            raise self._error(("openapi",), "expected an OpenAPI 3.1 document")
        for name in self._components["schemas"]:
            self._check_schema(("components", "schemas", name))
        routes = [
            Route(template.split("/")[1:], self._operations(template))
            for template in self._document.get("paths", {})
        ]
        # Static before templated: at the first segment where two differ, the plain one goes first.
        routes.sort(key=lambda route: [segment.startswith("{") for segment in route.segments])
        operations = [op for route in routes for op in route.operations.values()]
        if len({op.id for op in operations}) < len(operations):
            raise self._error(("paths",), "an operationId is used twice")
        title = self._document["info"]["title"]
        return Contract(title, self._path, {op.id: op for op in operations}, routes)

    def _operations(self, template: str) -> dict[str, Operation]:
        item = self._document["paths"][template]
        self._only(("paths", template), item, {*METHODS, "parameters", "summary", "description"})
        return {
            method.upper(): self._operation(template, method)
            for method in METHODS
            if method in item
        }

    def _operation(self, template: str, method: str) -> Operation:
        path = ("paths", template, method)
        node = self._node(path)
        self._only(path, node, _OPERATION)
        if "operationId" not in node:
            raise self._error(path, "operationId is required")
        shared = self._document["paths"][template].get("parameters", [])
        parameters = [
            self._parameter((*at, index))
            for at, rows in (
                (("paths", template, "parameters"), shared),
                ((*path, "parameters"), node.get("parameters", [])),
            )
            for index in range(len(rows))
        ]
        requirements = node.get("security", self._document.get("security", []))
        return Operation(
            id=node["operationId"],
            method=method.upper(),
            path=template,
            summary=node.get("summary", ""),
            basis=node["x-basis"],
            parameters=parameters,
            body=self._body((*path, "requestBody")) if "requestBody" in node else None,
            responses={
                self._status((*path, "responses", status)): self._media(
                    (*path, "responses", status)
                )
                for status in node.get("responses", {})
            },
            security=[
                r for alternative in requirements for r in self._requirements(path, alternative)
            ],
            public=not requirements or {} in requirements,
            strict_query=node.get("x-strict-query", False),
        )

    def _parameter(self, path: tuple[str | int, ...]) -> Parameter:
        path, node = self._resolved(path)
        self._only(path, node, _PARAMETER)
        place = node["in"]
        if place not in _STYLES or node.get("style", _STYLES[place]) != _STYLES[place]:
            raise self._error(path, f"parameters in {place!r} of this style are not handled")
        if node["schema"].get("type") == "array" and node.get("explode", place == "query"):
            raise self._error(path, "an array parameter must say `explode: false`")
        return Parameter(
            name=node["name"],
            place=place,
            required=node.get("required", False),
            kind=self._resolved((*path, "schema"))[1].get("type", "string"),
            validator=self._validator((*path, "schema")),
        )

    def _body(self, path: tuple[str | int, ...]) -> Body:
        path, node = self._resolved(path)
        self._basis(path, node)
        return Body(node.get("required", False), self._media(path))

    def _media(self, path: tuple[str | int, ...]) -> dict[str, Validator]:
        path, node = self._resolved(path)
        self._basis(path, node)
        return {
            media_type: self._validator((*path, "content", media_type, "schema"))
            for media_type in node.get("content", {})
        }

    def _status(self, path: tuple[str | int, ...]) -> int:
        status = str(path[-1])
        if not status.isdigit():
            raise self._error(path, f"expected a status code, found {status!r}")
        return int(status)

    def _requirements(
        self, path: tuple[str | int, ...], alternative: Mapping[str, Sequence[str]]
    ) -> Iterator[Requirement]:
        schemes = self._document.get("components", {}).get("securitySchemes", {})
        if len(alternative) > 1:
            raise self._error(
                (*path, "security"), "schemes that are needed together are not handled"
            )
        for name, scopes in alternative.items():
            if name not in schemes:
                raise self._error(path, f"security scheme {name!r}: {nearest(name, schemes)}")
            scheme = schemes[name]
            self._basis(("components", "securitySchemes", name), scheme)
            if (scheme["type"], scheme.get("scheme")) not in _SCHEMES:
                raise self._error(("components", "securitySchemes", name), "is not handled")
            header = scheme.get("name", "Authorization").lower()
            yield Requirement(scheme.get("scheme", "apiKey"), header, scopes)

    # -- schemas

    def _validator(self, path: tuple[str | int, ...]) -> Validator:
        self._check_schema(path)
        return Validator(self._node(path), self._components)

    def _check_schema(self, path: tuple[str | int, ...]) -> None:
        node = self._node(path)
        if not isinstance(node, dict):
            raise self._error(path, f"expected a schema, found {node!r}")
        self._only(path, node, _SCHEMA, basis=False)
        if "$ref" in node:
            self._resolved(path)
        for name in node.get("properties", {}):
            self._check_schema((*path, "properties", name))
            self._basis((*path, "properties", name), node["properties"][name])
        for keyword in ("items", "not", "additionalProperties"):
            if isinstance(node.get(keyword), dict):
                self._check_schema((*path, keyword))
        for keyword in ("oneOf", "anyOf", "allOf"):
            for index in range(len(node.get(keyword, []))):
                self._check_schema((*path, keyword, index))

    # -- the document

    def _node(self, path: Sequence[str | int]) -> Json:
        node = self._document
        for step in path:
            node = node[step]
        return node

    def _resolved(self, path: tuple[str | int, ...]) -> tuple[tuple[str | int, ...], Json]:
        """The path and node that a path means after following its reference, if it is one."""
        node = self._node(path)
        if "$ref" not in node:
            return path, node
        target = tuple(str(node["$ref"]).removeprefix("#/").split("/"))
        try:
            self._node(target)
        except (KeyError, TypeError):
            raise self._error(path, f"reference to nowhere: {node['$ref']}") from None
        return self._resolved(target)

    def _only(
        self,
        path: Sequence[str | int],
        node: Json,
        allowed: set[str],
        *,
        basis: bool = True,
    ) -> None:
        for key in node:
            if key not in allowed:
                raise self._error((*path, key), f"{key!r} is not handled; {nearest(key, allowed)}")
        if basis and "x-basis" in allowed:
            self._basis(path, node)

    def _basis(self, path: Sequence[str | int], node: Json) -> None:
        if "$ref" not in node and node.get("x-basis") not in _BASES:
            raise self._error(
                path, f"x-basis: found {node.get('x-basis')!r}; {nearest('', _BASES)}"
            )

    def _error(self, path: Sequence[str | int], message: str) -> ContractError:
        where = ".".join(str(step) for step in path)
        return ContractError(f"{self._source.where(path)}: {where}: {message}")
