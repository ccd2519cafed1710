"""One page for people, complete in itself: no network, and no script needed to read it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from metersim.checker.reports.book import book, rest
from metersim.checker.reports.figures import figures
from metersim.checker.reports.findings import broken_rule, command, departure
from metersim.checker.reports.markup import element, text
from metersim.checker.reports.standings import ENDINGS, departures, sentence, standing
from metersim.checker.wording import counted
from metersim.reading import Json

_STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
_SCRIPT = Path(__file__).with_name("page.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class _Section:
    """A part of the page, by its anchor; one without content is left out."""

    anchor: str
    name: str
    heading: str
    hint: str
    content: list[str]


def page(told: Json) -> str:
    """The whole document."""
    tone, mark, words = ENDINGS[told["exit_code"]]
    sections = [each for each in _sections(told) if each.content]
    body = [
        element("a", "Skip to the findings", class_="skip", href="#found"),
        _header(told, tone, mark, words),
        _navigation(sections),
        element("main", *map(_shown, sections), id="found"),
        element("footer", text(f"Written by metersim {told['metersim']}. Secrets are left out.")),
        element("script", _SCRIPT),
    ]
    # Even what slipped through as markup could load nothing and run nothing.
    policy = f"default-src 'none'; style-src '{_hash(_STYLE)}'; script-src '{_hash(_SCRIPT)}'"
    head = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        element("title", text(f"{told['vendor']} {words}")),
        element("style", _STYLE),
    ]
    whole = element("html", element("head", *head), element("body", *body), lang="en")
    return f"<!doctype html>\n{whole}\n"


def _hash(inline: str) -> str:
    return f"sha256-{b64encode(sha256(inline.encode()).digest()).decode()}"


def _header(told: Json, tone: str, mark: str, words: str) -> str:
    mark = element("span", mark, class_=f"mark tone-{tone}", aria_hidden="true")
    run = f" · seed {told['seed']} · {counted(told['calls'], 'call')}"
    run += " · strict: notices count" if told["strict"] else ""
    parts = [
        element("p", "Contract check", class_="brand"),
        element("h1", mark, text(f"{told['vendor']} {words}")),
        element("p", text(sentence(told)), class_="lead"),
        element("p", element("code", text(told["url"])), text(run), class_="soft"),
    ]
    for notice in filter(None, [told["stopped"], *told["expired"]]):
        parts.append(element("p", text(notice), class_="stop"))
    parts += [element("p", text(each), class_="soft") for each in told["idle"]]
    return element("header", *parts, figures(told))


def _navigation(sections: Iterable[_Section]) -> str:
    anchors = "".join(element("a", each.name, href=f"#{each.anchor}") for each in sections)
    box = '<input type="search" id="filter" autocomplete="off" placeholder="rule, operation, word">'
    label = element("label", "Filter", for_="filter")
    state = element("output", for_="filter")
    # What the script does, it shows: without it there is nothing to type into.
    search = element("div", label, box, state, class_="filter", hidden="")
    return element("nav", element("div", element("p", anchors), search), aria_label="On this page")


def _sections(told: Json) -> Iterator[_Section]:
    """Failures first, and last what a reader does next."""
    broken = [broken_rule(each) for each in standing(told, "broken")]
    yield _Section("broken", "Broken", "Broken rules", "", broken)
    hint = "what the OpenAPI document does not allow"
    departed = [departure(each) for each in departures(told)]
    yield _Section("schema", "Schema", "Schema departures", hint, departed)
    hint = "broken on an assumption of ours: they do not count, unless --strict"
    noticed = [broken_rule(each) for each in standing(told, "notices")]
    yield _Section("notices", "Notices", "Notices", hint, noticed)
    hint = "why these rules could be neither proven nor refuted here"
    unseen = list(rest(told))
    listed = [element("ul", *unseen, class_="rest")] if unseen else []
    yield _Section("rest", "The rest", "What would show the rest", hint, listed)
    hint = counted(len(told["rules"]), "rule")
    yield _Section("rules", "Rule book", "Rule book", hint, [book(told)])
    yield _Section("again", "Run it again", "Run it again", "", list(_again(told)))


def _shown(section: _Section) -> str:
    small = element("small", text(section.hint)) if section.hint else ""
    name = f"{section.anchor}-heading"
    heading = element("h2", section.heading, small, id=name)
    return element("section", heading, *section.content, id=section.anchor, aria_labelledby=name)


def _again(told: Json) -> Iterator[str]:
    if told["variables"]:
        names = ", ".join(told["variables"])
        yield element("p", text(f"Needs in the environment: {names}"), class_="soft")
    yield command(told["again"], "The command of this run")
    for verdict in told["rules"][:1]:
        yield element("p", "One rule alone, by its id:", class_="soft")
        yield command(verdict["repeat"], "The command for one rule")
