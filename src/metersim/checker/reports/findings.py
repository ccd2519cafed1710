"""What was found, each with what was expected, the calls that show it, and how to repeat it."""

from __future__ import annotations

from collections.abc import Sequence

from metersim.checker.reports.markup import element, text
from metersim.reading import Json

# Of a message, so many characters are a heading; Schemathesis shows whole schemas.
_LONG = 120


def broken_rule(verdict: Json) -> str:
    """A rule that does not hold."""
    against = {name: verdict[name] for name in ("expected", "found", "source")}
    terms = [
        element("dt", name) + element("dd", text(told), class_=name)
        for name, told in against.items()
    ]
    return element(
        "article",
        element(
            "h3", element("span", text(verdict["id"]), class_="id"), text(verdict["statement"])
        ),
        _facts([verdict["basis"], verdict["effect"]], verdict["operations"]),
        element("dl", *terms, class_="against"),
        *map(_exchange, verdict["exchanges"]),
        command(verdict["repeat"], f"Check {verdict['id']} again"),
        id=text(verdict["id"]),
        class_=f"finding tone-{'broken' if verdict['counts'] else 'notice'}",
    )


def departure(alike: Sequence[Json]) -> str:
    """What the document does not allow, at each of the calls where it was seen."""
    first = alike[0]
    tone, why = "broken", ""
    if first["waived"] is not None:
        tone, why = "open", element("p", text(f"Waived: {first['waived']}"))
    elif not first["counts"]:
        told = "On an assumption of ours: it does not count, unless --strict."
        tone, why = "notice", element("p", text(told))
    said = str(first["message"])
    short = said if len(said) <= _LONG else f"{said[:_LONG].rpartition(' ')[0]} …"
    operations = dict.fromkeys(str(each["operation"]) for each in alike)
    return element(
        "article",
        element("h3", text(short)),
        _facts([f"check: {first['check']}"], list(operations)),
        why,
        "" if short == said else _folded("All that was said", element("pre", text(said))),
        *(_exchange(each["exchange"]) for each in alike),
        class_=f"finding tone-{tone}",
    )


def _facts(tags: Sequence[str], operations: Sequence[str]) -> str:
    shown = [element("span", text(fact), class_="tag") for fact in tags]
    shown += [element("code", text(name)) for name in operations]
    return element("p", " ".join(shown), class_="facts")


def _exchange(exchange: Json) -> str:
    status = element("span", text(exchange["status"]), class_="status")
    title = element("code", text(f"{exchange['method']} {exchange['url']}"))
    parts = []
    if exchange["request"]:
        parts += [element("h4", "Request"), element("pre", text(exchange["request"]))]
    headers = "\n".join(f"{name}: {value}" for name, value in exchange["headers"].items())
    reply = "\n\n".join(filter(None, [headers, exchange["reply"]]))
    parts += [element("h4", "Reply"), element("pre", text(reply), tabindex=0)]
    parts += [element("h4", "Make the call"), command(exchange["curl"], "The call for curl")]
    return _folded(status + title, *parts)


def _folded(title: str, *content: str) -> str:
    return element("details", element("summary", title), *content)


def command(line: str, name: str) -> str:
    """A line for a shell, which the page's script makes easy to copy."""
    shown = element("pre", text(line), tabindex=0, aria_label=name)
    return element("div", shown, class_="command")
