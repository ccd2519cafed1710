"""JSONPath (RFC 9535) on exact numbers, and bounded: no path runs away with a body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from jsonpath import JSONPath, JSONPathEnvironment, JSONPathError
from jsonpath.filter import BaseExpression, FilterExpressionLiteral
from jsonpath.parse import Parser
from jsonpath.stream import TokenStream

from metersim.billing.quantity import exact
from metersim.errors import ControlError
from metersim.exact_json import MAX_DEPTH
from metersim.reading import Json
from metersim.simulation.comparing import Effort, shown

if TYPE_CHECKING:
    from _collections_abc import dict_items

_LONGEST = 1_000


class JsonPath:
    """A compiled path; ``definite`` when it leads to one value at most."""

    def __init__(self, expression: str, where: str) -> None:
        if len(expression) > _LONGEST:
            raise ControlError(f"{where}: expected at most {_LONGEST} characters")
        try:
            path = _environment.compile(expression)
        except (JSONPathError, ValueError) as error:
            said = error.message if isinstance(error, JSONPathError) else error
            raise ControlError(
                f"{where}: expected a JSONPath (RFC 9535), found {shown(expression)}: {said}"
            ) from None
        # Only the library's own dialect joins paths, and it is off.
        assert isinstance(path, JSONPath)
        self._expression = expression
        self._path = path
        self.definite = path.singular_query()

    def select(self, data: Json) -> list[Json]:
        """The values that the path leads to; ControlError when it takes too long to say."""
        if not isinstance(data, dict | list):
            # Nothing leads into a single value, and the library would read text as JSON.
            return [data] if not self._path.segments else []
        try:
            return self._path.findall(_metered(data, Effort()))
        except (JSONPathError, RecursionError):
            raise ControlError(f"the path searches too deep: {shown(self._expression)}") from None


class _Parser(Parser):
    """Reads numbers as they are spelt, where the library goes by way of a float."""

    def parse_integer_literal(self, stream: TokenStream) -> BaseExpression:
        return FilterExpressionLiteral(value=exact(stream.next().value))

    parse_float_literal = parse_integer_literal


class _Environment(JSONPathEnvironment):
    parser_class = _Parser
    max_recursion_depth = MAX_DEPTH + 2  # what is nested deeper never gets here

    def setup_function_extensions(self) -> None:
        super().setup_function_extensions()
        # They run Python's regular expressions, for which nothing sets a bound.
        del self.function_extensions["match"], self.function_extensions["search"]


_environment = _Environment(strict=True)


class _Object(dict[str, Any]):
    """An object that counts how often it is gone through."""

    effort: Effort

    def items(self) -> dict_items[str, Any]:
        self.effort.spend(len(self) + 1)
        return super().items()

    def __eq__(self, other: object) -> bool:
        self.effort.spend(len(self) + 1)
        return super().__eq__(other)

    __hash__ = None  # as with any dict


class _Array(list[Any]):
    """An array that counts how often it is gone through."""

    effort: Effort

    def __iter__(self) -> Iterator[Any]:
        self.effort.spend(len(self) + 1)
        return super().__iter__()

    def __eq__(self, other: object) -> bool:
        self.effort.spend(len(self) + 1)
        return super().__eq__(other)

    __hash__ = None  # as with any list


def _metered(data: Json, effort: Effort) -> Json:
    # Where the library goes is its own affair; going through children is all that can get long.
    found: _Object | _Array
    if isinstance(data, dict):
        found = _Object({key: _metered(value, effort) for key, value in data.items()})
    elif isinstance(data, list):
        found = _Array([_metered(value, effort) for value in data])
    else:
        return data
    found.effort = effort
    return found
