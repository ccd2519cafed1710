"""One operation of a document, compiled: how a request is judged, and what may be answered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice

from metersim.billing.quantity import exact
from metersim.errors import nearest
from metersim.reading import Json
from metersim.validation import MOST_TOLD, Validator, Violation


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in path or query, or a header of a reply.

    ``kind`` is its JSON type, ``string`` when mixed. ``default`` is what its absence means; None
    where the document does not say.
    """

    name: str
    place: str
    required: bool
    kind: str
    validator: Validator
    default: Json = None
    deprecated: bool = False

    def read(self, texts: Sequence[str]) -> Json:
        """The value that the texts of one parameter spell; text stays text where it spells none."""
        if self.kind == "array":
            return [item for text in texts for item in text.split(",")]
        return _SPELLINGS.get(self.kind, str)(texts[-1])


def _number(text: str) -> Json:
    try:
        return exact(text) if _NUMBER.fullmatch(text) else text
    except ValueError:
        return text


def _integer(text: str) -> Json:
    number = _number(text)
    # A schema takes 2.0 for an integer, and who asks for one gets one.
    whole = isinstance(number, Decimal) and number == number.to_integral_value()
    return int(number) if whole else number


def _boolean(text: str) -> Json:
    return {"true": True, "false": False}.get(text, text)


# As JSON spells them; Python would take 1_000, ٣ and blanks around a number too.
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_SPELLINGS = {"integer": _integer, "number": _number, "boolean": _boolean}


@dataclass(frozen=True, slots=True)
class Body:
    """A request body: whether it must be there, and a validator per media type.

    ``defaults`` are what the absence of a key means, where the document says so. ``properties`` are
    the keys that it names, and whether it advises against them; None where it does not list them.
    """

    required: bool
    media: Mapping[str, Validator]
    defaults: Mapping[str, Json] = field(default_factory=dict)
    properties: Mapping[str, bool] | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A reply's body as the document prints it."""

    media_type: str
    value: Json


@dataclass(frozen=True, slots=True)
class Requirement:
    """One way to be let in: a security scheme by its type, and the scopes it must bring.

    ``type`` is ``bearer``, ``basic`` or ``apiKey``; ``header`` is where the secret is read.
    """

    type: str
    header: str
    scopes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Inputs:
    """A request's values, defaults filled in: by parameter name, and the decoded body."""

    path: Mapping[str, Json] = field(default_factory=dict)
    query: Mapping[str, Json] = field(default_factory=dict)
    body: Json = None


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path, keyed by ``id``, with everything its document says of it, compiled.

    ``security`` holds the alternatives, any of which suffices; an anonymous call is allowed when
    ``public``. ``strict_query`` refuses query parameters that the document does not name.
    ``safe`` means that it changes nothing, by its method or by the document's word for it.
    ``headers`` and ``examples`` are those of each response, by name.
    """

    id: str
    method: str
    path: str
    summary: str
    basis: str
    parameters: Sequence[Parameter]
    body: Body | None
    responses: Mapping[int, Mapping[str, Validator]]
    security: Sequence[Requirement]
    public: bool
    strict_query: bool
    safe: bool = False
    headers: Mapping[int, Mapping[str, Parameter]] = field(default_factory=dict)
    examples: Mapping[int, Mapping[str, Example]] = field(default_factory=dict)
    bases: Mapping[int, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, str]:
        """What it is called: by its id, or by method and path."""
        return self.id, f"{self.method} {self.path}"

    def read(
        self, path: Mapping[str, str], query: Sequence[tuple[str, str]], body: Json
    ) -> tuple[Inputs, list[Violation]]:
        """Decode the parameters and judge them and the body (already parsed; None when absent)."""
        texts: dict[tuple[str, str], list[str]] = {("path", k): [v] for k, v in path.items()}
        for name, text in query:
            texts.setdefault(("query", name), []).append(text)
        values: dict[str, dict[str, Json]] = {"path": {}, "query": {}}
        violations: list[Violation] = []
        for parameter in self.parameters:
            given = texts.pop((parameter.place, parameter.name), None)
            where = (parameter.place, parameter.name)
            if given is None:
                if parameter.required:
                    violations.append(Violation(where, "is required"))
                elif parameter.default is not None:
                    values[parameter.place][parameter.name] = parameter.default
                continue
            if len(given) > 1 and parameter.kind != "array":
                violations.append(Violation(where, f"expected once, found {len(given)} times"))
            value = parameter.read(given)
            values[parameter.place][parameter.name] = value
            violations += parameter.validator.violations(value, *where)
        if self.strict_query:
            violations += self._unknown([name for place, name in texts if place == "query"])
        if self.body is not None and not (body is None and not self.body.required):
            validator = next(iter(self.body.media.values()))
            violations += validator.violations(body, "body")
            if isinstance(body, dict):
                body = {**self.body.defaults, **body}
        return Inputs(values["path"], values["query"], body), violations

    def _unknown(self, names: Sequence[str]) -> list[Violation]:
        known = [p.name for p in self.parameters if p.place == "query"]
        return [Violation(("query", n), f"unknown parameter; {nearest(n, known)}") for n in names]

    def let_pass(self, query: Sequence[tuple[str, str]], body: Json) -> list[Violation]:
        """What a sound request has that the document does not name, or advises against."""
        named = {p.name: p.deprecated for p in self.parameters if p.place == "query"}
        found = _let_pass(named, dict.fromkeys(name for name, _ in query), "query")
        if self.body and self.body.properties is not None and isinstance(body, dict):
            found += _let_pass(self.body.properties, body, "body")
        return found

    def judge_reply(
        self, status: int, media_type: str, body: Json, headers: Mapping[str, str] | None = None
    ) -> list[Violation]:
        """What is wrong with a reply by this operation; nothing when the document allows it.

        ``media_type`` is taken as it stands on the wire: its parameters do not matter. Headers that
        the document does not have are free.
        """
        if status not in self.responses:
            documented = ", ".join(map(str, sorted(self.responses)))
            return [
                Violation(("status",), f"{status} is not documented (documented: {documented})")
            ]
        known, named = self.headers.get(status, {}), headers or {}
        found = [
            violation
            for name, text in named.items()
            if (header := known.get(name.lower())) is not None
            for violation in header.validator.violations(header.read([text]), "header", name)
        ]
        return found + self._judge_body(status, media_type, body)

    def _judge_body(self, status: int, media_type: str, body: Json) -> list[Violation]:
        media = self.responses[status]
        if not media and body is None:
            return []
        essence = media_type.partition(";")[0].strip().lower()
        if essence not in media:
            expected = ", ".join(media) or "no body"
            return [Violation(("content-type",), f"expected {expected}, found {media_type}")]
        return media[essence].violations(body, "body")


def _let_pass(named: Mapping[str, bool], given: Iterable[str], place: str) -> list[Violation]:
    return [
        Violation((place, name), "is deprecated" if name in named else "is not known, and let pass")
        for name in islice((name for name in given if named.get(name, True)), MOST_TOLD)
    ]
