"""Compiles an OpenAPI 3.1 document, and refuses one that it does not wholly understand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from metersim.contract.examples import examples
from metersim.contract.headers import read_headers
from metersim.contract.operation import Body, Operation, Parameter, Requirement
from metersim.contract.schemas import compiled
from metersim.contract.tree import Pointer, Tree
from metersim.errors import ContractError, nearest
from metersim.reading import ReadingError, read_file
from metersim.validation import Validator

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
JSON = "application/json"
_SAFE = {"get", "head", "options", "trace"}

# What is listed here is handled; anything else stops the start, so that no promise goes unkept.
_DOCUMENT = {
    *("openapi", "info", "servers", "tags", "externalDocs", "paths", "components", "security"),
}
_INFO = {"title", "version", "summary", "description", "license", "contact", "termsOfService"}
_OPERATION = {
    *("operationId", "tags", "summary", "description", "deprecated", "externalDocs"),
    *("parameters", "requestBody", "responses", "security"),
    *("x-basis", "x-safe", "x-source", "x-strict-query"),
}
_PARAMETER = {
    *("name", "in", "required", "schema", "style", "explode"),
    *("description", "example", "examples", "deprecated", "x-basis", "x-source"),
}
_BODY = {"description", "required", "content", "x-basis", "x-source"}
_RESPONSE = {"description", "headers", "content", "links", "x-basis", "x-source"}
_MEDIA = {"schema", "example", "examples"}
_SCHEME = {"type", "scheme", "bearerFormat", "in", "name", "description", "x-basis", "x-source"}

# Each may name further keys of an object.
_BRANCHES = {"oneOf", "anyOf", "allOf"}

_STYLES = {"path": "simple", "query": "form"}
_SCHEMES = {("http", "bearer", None), ("http", "basic", None), ("apiKey", None, "header")}
# Each segment is plain text or wholly a parameter.
_TEMPLATE = re.compile(r"(/([^{}/]*|\{[^{}/]+\}))+")


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


def load(path: Path, *, own: bool = False) -> Contract:
    """Compile the document at a path; ContractError says file, line and what is not understood.

    A document of our ``own`` API stands on our own word, and has no basis to name.
    """
    try:
        source = read_file(path)
    except ReadingError as error:
        raise ContractError(str(error)) from None
    return _Compilation(Tree(source, has_basis=not own)).contract()


class _Compilation:
    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def contract(self) -> Contract:
        if not str(self._tree.object(()).get("openapi")).startswith("3.1."):
            raise self._tree.error(("openapi",), "expected an OpenAPI 3.1 document")
        self._tree.fields((), _DOCUMENT, required=("info", "paths"))
        info = self._tree.fields(("info",), _INFO, required=("title",))
        for name in self._tree.components("schemas"):
            compiled(self._tree, ("components", "schemas", name))
            self._tree.check_basis(("components", "schemas", name))
        routes = self._routes()
        return Contract(info["title"], self._by_id(routes), routes)

    def _routes(self) -> list[Route]:
        routes: dict[tuple[str, ...], Route] = {}
        for template in self._tree.object(("paths",)):
            if not _TEMPLATE.fullmatch(template):
                raise self._tree.error(
                    ("paths", template), "expected segments of plain text or {parameter}"
                )
            segments = template.split("/")[1:]
            shape = tuple("{}" if segment.startswith("{") else segment for segment in segments)
            if shape in routes:
                raise self._tree.error(("paths", template), "is the path of another entry too")
            routes[shape] = Route(segments, self._operations(template))
        # Static before templated: at the first segment where two differ, the plain one goes first.
        return sorted(
            routes.values(),
            key=lambda route: [segment.startswith("{") for segment in route.segments],
        )

    def _by_id(self, routes: Sequence[Route]) -> dict[str, Operation]:
        found: dict[str, Operation] = {}
        for operation in (op for route in routes for op in route.operations.values()):
            if operation.id in found:
                raise self._tree.error(
                    ("paths", operation.path, operation.method.lower(), "operationId"),
                    f"{operation.id!r} is the operationId of {found[operation.id].path} too",
                )
            found[operation.id] = operation
        return found

    def _operations(self, template: str) -> dict[str, Operation]:
        path = ("paths", template)
        item = self._tree.fields(path, {*METHODS, "parameters", "summary", "description"})
        return {
            method.upper(): self._operation(template, method)
            for method in METHODS
            if method in item
        }

    def _operation(self, template: str, method: str) -> Operation:
        path = ("paths", template, method)
        node = self._tree.fields(path, _OPERATION, required=("operationId", "responses"))
        responses = self._tree.members(path, "responses")
        alternatives = self._alternatives(path if "security" in node else ())
        return Operation(
            id=node["operationId"],
            method=method.upper(),
            path=template,
            summary=node.get("summary", ""),
            basis=node.get("x-basis", ""),
            parameters=self._parameters(template, path),
            body=self._body((*path, "requestBody")) if "requestBody" in node else None,
            responses={self._status(each): self._response(each) for each in responses},
            headers={self._status(each): read_headers(self._tree, each) for each in responses},
            security=[need for needs in alternatives for need in needs],
            public=not all(alternatives) or not alternatives,
            strict_query=node.get("x-strict-query", False),
            safe=node.get("x-safe", method in _SAFE),
            examples={self._status(each): examples(self._tree, each) for each in responses},
            bases={self._status(each): self._basis(each) for each in responses},
        )

    # -- what comes in

    def _parameters(self, template: str, path: Pointer) -> list[Parameter]:
        rows = self._tree.items(("paths", template), "parameters")
        rows += self._tree.items(path, "parameters")
        # An operation's own replaces the path's of the same name.
        found = {(each.place, each.name): each for each in map(self._parameter, rows)}
        declared = {name for place, name in found if place == "path"}
        expected = set(re.findall(r"\{(.+?)\}", template))
        for name in sorted(expected - declared):
            message = f"path parameter {name!r} is not declared; {nearest(name, declared)}"
            raise self._tree.error(path, message)
        for name in sorted(declared - expected):
            message = f"path parameter {name!r} is not in the path; {nearest(name, expected)}"
            raise self._tree.error(path, message)
        return list(found.values())

    def _parameter(self, path: Pointer) -> Parameter:
        path = self._tree.resolved(path)
        node = self._tree.fields(path, _PARAMETER, required=("name", "in", "schema"))
        place = node["in"]
        if place not in _STYLES:
            raise self._tree.error(
                (*path, "in"), f"{place!r} is not handled; {nearest(place, _STYLES)}"
            )
        if node.get("style", _STYLES[place]) != _STYLES[place]:
            raise self._tree.error((*path, "style"), f"only {_STYLES[place]!r} is handled")
        validator = compiled(self._tree, (*path, "schema"))
        schema = self._tree.resolved((*path, "schema"))
        kind = self._tree.object(schema).get("type")
        if kind == "object" or kind == "array" and not self._is_list_of_text(path, schema):
            raise self._tree.error(
                path, "only a list of strings with `explode: false`, or no list, is handled"
            )
        return Parameter(
            name=node["name"],
            place=place,
            required=node.get("required", False),
            kind=kind if isinstance(kind, str) else "string",
            validator=validator,
            default=self._tree.object(schema).get("default"),
            deprecated=node.get("deprecated", False),
        )

    def _is_list_of_text(self, path: Pointer, schema: Pointer) -> bool:
        node = self._tree.object(path)
        items = self._tree.resolved((*schema, "items"))
        kind = self._tree.object(items).get("type", "string")
        return kind == "string" and not node.get("explode", node["in"] == "query")

    def _body(self, path: Pointer) -> Body:
        path = self._tree.resolved(path)
        node = self._tree.fields(path, _BODY, required=("content",))
        media = self._media(path)
        if list(media) != [JSON]:
            raise self._tree.error((*path, "content"), f"only {JSON} is handled in a request")
        schema = self._tree.resolved((*path, "content", JSON, "schema"))
        members = self._tree.members(schema, "properties")
        nodes = {str(at[-1]): self._tree.object(self._tree.resolved(at)) for at in members}
        return Body(
            required=node.get("required", False),
            media=media,
            defaults={name: each["default"] for name, each in nodes.items() if "default" in each},
            properties={name: each.get("deprecated", False) for name, each in nodes.items()}
            if self._lists_every_key(schema)
            else None,
        )

    def _lists_every_key(self, schema: Pointer) -> bool:
        node = self._tree.object(schema)
        return not (_BRANCHES & node.keys() or node.get("additionalProperties"))

    # -- what goes out

    def _status(self, path: Pointer) -> int:
        status = str(path[-1])
        if not status.isdigit():
            raise self._tree.error(path, f"expected a status code, found {status!r}")
        return int(status)

    def _response(self, path: Pointer) -> dict[str, Validator]:
        path = self._tree.resolved(path)
        self._tree.fields(path, _RESPONSE)
        return self._media(path)

    def _basis(self, path: Pointer) -> str:
        return str(self._tree.object(self._tree.resolved(path)).get("x-basis", ""))

    def _media(self, path: Pointer) -> dict[str, Validator]:
        found: dict[str, Validator] = {}
        for at in self._tree.members(path, "content"):
            self._tree.fields(at, _MEDIA, required=("schema",))
            found[str(at[-1])] = compiled(self._tree, (*at, "schema"))
        return found

    # -- who is let in

    def _alternatives(self, path: Pointer) -> list[list[Requirement]]:
        """Each alternative's requirement; nothing for the one that asks for none."""
        return [list(self._requirement(at)) for at in self._tree.items(path, "security")]

    def _requirement(self, path: Pointer) -> Iterator[Requirement]:
        alternative = self._tree.object(path)
        if len(alternative) > 1:
            raise self._tree.error(path, "schemes that are needed together are not handled")
        schemes = self._tree.components("securitySchemes")
        for name, scopes in alternative.items():
            if name not in schemes:
                raise self._tree.error(path, f"security scheme {name!r}; {nearest(name, schemes)}")
            at = ("components", "securitySchemes", name)
            scheme = self._tree.fields(at, _SCHEME, required=("type",))
            if (scheme["type"], scheme.get("scheme"), scheme.get("in")) not in _SCHEMES:
                raise self._tree.error(at, "only bearer, basic and a key in a header are handled")
            if scheme["type"] == "apiKey":
                self._tree.fields(at, _SCHEME, required=("name",))
            header = scheme.get("name", "Authorization").lower()
            yield Requirement(scheme.get("scheme", "apiKey"), header, scopes)
