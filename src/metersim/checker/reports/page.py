"""One page for people, complete in itself: no network, and no script needed to read it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from metersim.checker.reports.markup import element, text
from metersim.reading import Json

_STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
_SCRIPT = Path(__file__).with_name("page.js").read_text(encoding="utf-8")
_ENDINGS = {
    0: ("holds", "✓", "conforms"),
    1: ("broken", "✗", "does not conform"),
    2: ("open", "?", "could not be judged"),
}
# Anchor -> heading, and the tone it is told in, in the order of a reader's interest.
_STANDINGS = {
    "broken": ("Broken", "broken"),
    "notices": ("Notices", "notice"),
    "waived": ("Waived", "open"),
    "holds": ("Holds", "holds"),
    "not-applicable": ("Not applicable here", "open"),
    "not-run": ("Not run", "open"),
}


def page(told: Json) -> str:
    """The whole document."""
    title = f"{told['vendor']} {_ENDINGS[told['exit_code']][2]}"
    body = [
        element("a", "Skip to the findings", class_="skip", href="#broken"),
        _header(told),
        _navigation(told),
        element("main", *_sections(told)),
        element("footer", text(f"Written by metersim {told['metersim']}. Secrets are left out.")),
        element("script", _SCRIPT),
    ]
    # Even what slipped through as markup could load nothing and run nothing.
    policy = f"default-src 'none'; style-src '{_hash(_STYLE)}'; script-src '{_hash(_SCRIPT)}'"
    head = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        element("title", text(title)),
        element("style", _STYLE),
    ]
    whole = element("html", element("head", *head), element("body", *body), lang="en")
    return f"<!doctype html>\n{whole}\n"


def _hash(inline: str) -> str:
    return f"sha256-{b64encode(sha256(inline.encode()).digest()).decode()}"


# -- what matters first


def _header(told: Json) -> str:
    tone, mark, words = _ENDINGS[told["exit_code"]]
    mark = element("span", mark, class_=f"mark tone-{tone}", aria_hidden="true")
    seed = f" · seed {told['seed']} · {told['calls']} calls"
    seed += " · strict: notices count" if told["strict"] else ""
    parts = [
        element("p", "Contract check", class_="brand"),
        element("h1", mark, text(f"{told['vendor']} {words}")),
        element("p", element("code", text(told["url"])), text(seed), class_="soft"),
    ]
    for notice in filter(None, [told["stopped"], *told["expired"]]):
        parts.append(element("p", text(notice), class_="stop"))
    return element("header", *parts, _summary(told))


def _summary(told: Json) -> str:
    index = _ring(told["index"], "Index", "of the rules could be proven or refuted here", "open")
    tone = _ENDINGS[told["exit_code"]][0]
    score = _ring(told["score"], "Score", "of the rules were proven here", tone)
    counts = {name: len(_standing(told, name)) for name in _STANDINGS}
    return element("div", score, index, _counted(told, counts), class_="summary")


def _ring(percent: Decimal, name: str, meaning: str, tone: str) -> str:
    arc = ""
    if percent:
        # Round caps lengthen the arc, so that a full one is drawn without a dash.
        dash = None if percent >= 100 else f"{percent} 100"
        arc = element(
            "circle",
            class_="arc",
            cx=60,
            cy=60,
            r=52,
            pathLength=100,
            transform="rotate(-90 60 60)",
            stroke_dasharray=dash,
        )
    drawn = element(
        "svg",
        element("circle", cx=60, cy=60, r=52),
        arc,
        element("text", text(f"{percent} %"), x=60, y=67),
        viewBox="0 0 120 120",
        role="img",
        aria_label=f"{name}: {percent} percent {meaning}",
    )
    caption = element("figcaption", element("b", name), text(meaning))
    return element("figure", drawn, caption, class_=f"tone-{tone}")


def _counted(told: Json, counts: dict[str, int]) -> str:
    items, bars, at = [], [], 0
    for name, number in counts.items():
        heading, tone = _STANDINGS[name]
        if number:
            bars.append(_stretch(at, number, f"tone-{tone}", f"{number} {heading}"))
            at += number
            items.append(_count(number, heading, name, tone))
    wrong = sum(each["counts"] for each in told["schema"])
    items.append(_count(wrong, "Schema departures", "schema", "broken" if wrong else "holds"))
    bar = element(
        "svg",
        *bars,
        class_="bar",
        viewBox=f"0 0 {max(at, 1)} 1",
        preserveAspectRatio="none",
        role="img",
        aria_label=f"{at} rules, by how they stand",
    )
    return element("div", bar, element("ul", *items, class_="counts"))


def _stretch(at: int, width: int, tone: str, name: str) -> str:
    return element(
        "rect", element("title", text(name)), x=at, y=0, width=width, height=1, class_=tone
    )


def _count(number: int, heading: str, anchor: str, tone: str) -> str:
    target = anchor if anchor in ("broken", "notices", "schema") else f"rules-{anchor}"
    link = element("a", element("b", str(number)), element("span", heading), href=f"#{target}")
    return element("li", link, class_=f"tone-{tone}")


def _navigation(told: Json) -> str:
    links = {"broken": "Broken", "notices": "Notices", "schema": "Schema", "rules": "Rule book"}
    links["again"] = "Run it again"
    anchors = [element("a", name, href=f"#{anchor}") for anchor, name in links.items()]
    return element("nav", element("div", *anchors), aria_label="On this page")


def _standing(told: Json, name: str) -> list[Json]:
    return [each for each in told["rules"] if _name_of(each) == name]


def _name_of(verdict: Json) -> str:
    if verdict["verdict"] != "broken":
        return str(verdict["verdict"]).replace(" ", "-")
    if verdict["waived"] is not None:
        return "waived"
    return "broken" if verdict["counts"] else "notices"


# -- what was found


def _sections(told: Json) -> Iterator[str]:
    broken, notices = _standing(told, "broken"), _standing(told, "notices")
    yield _section("broken", "Broken rules", "", map(_broken, broken), "None that counts.")
    hint = "broken on an assumption of ours: they do not count, unless --strict"
    yield _section("notices", "Notices", hint, map(_broken, notices), "None.")
    hint = "what the OpenAPI document does not allow"
    departures = sorted(told["schema"], key=lambda each: not each["counts"])
    yield _section("schema", "Schema departures", hint, map(_departed, departures), "None.")
    yield _section("rules", "Rule book", f"{len(told['rules'])} rules", [_book(told)], "")
    yield _section("again", "Run it again", "", _again(told), "")


def _section(anchor: str, heading: str, hint: str, content: Iterable[str], without: str) -> str:
    found = list(content) or [element("p", without, class_="none")]
    small = element("small", text(hint)) if hint else ""
    heading = element("h2", heading, small, id=f"{anchor}-heading")
    return element("section", heading, *found, id=anchor, aria_labelledby=f"{anchor}-heading")


def _broken(verdict: Json) -> str:
    tone = "broken" if verdict["counts"] else "notice"
    facts = [verdict["basis"], verdict["effect"], *verdict["operations"]]
    heading = element("span", text(verdict["id"]), class_="id")
    return element(
        "article",
        element("h3", heading, text(verdict["statement"])),
        *(element("span", text(fact), class_="tag") for fact in facts),
        element(
            "dl",
            element("dt", "expected") + element("dd", text(verdict["expected"])),
            element("dt", "found") + element("dd", text(verdict["found"]), class_="found"),
            class_="against",
        ),
        *(_exchange(each) for each in verdict["exchanges"]),
        _command(verdict["repeat"], f"Check {verdict['id']} again"),
        id=text(verdict["id"]),
        class_=f"tone-{tone}",
    )


def _departed(departure: Json) -> str:
    tone, why = "broken", ""
    if departure["waived"] is not None:
        tone, why = "open", element("p", text(f"Waived: {departure['waived']}"))
    elif not departure["counts"]:
        told = "On an assumption of ours: it does not count, unless --strict."
        tone, why = "notice", element("p", text(told))
    heading = element("span", text(departure["operation"]), class_="id")
    return element(
        "article",
        element("h3", heading, text(departure["check"])),
        why,
        element("p", text(departure["message"])),
        _exchange(departure["exchange"]),
        class_=f"tone-{tone}",
    )


def _exchange(exchange: Json) -> str:
    status = element("span", text(exchange["status"]), class_="status")
    title = element("code", text(f"{exchange['method']} {exchange['url']}"))
    parts = [element("summary", status, title)]
    if exchange["request"]:
        parts += [element("h4", "Request"), element("pre", text(exchange["request"]))]
    headers = "\n".join(f"{name}: {value}" for name, value in exchange["headers"].items())
    reply = "\n\n".join(filter(None, [headers, exchange["reply"]]))
    parts += [element("h4", "Reply"), element("pre", text(reply), tabindex=0)]
    parts += [element("h4", "Make the call"), _command(exchange["curl"], "The call for curl")]
    return element("details", *parts)


def _command(line: str, name: str) -> str:
    shown = element("pre", text(line), tabindex=0, aria_label=name)
    return element("div", shown, class_="command")


def _book(told: Json) -> str:
    columns = element("th", "Rule and law", scope="col")
    columns += element("th", "Basis", scope="col", class_="wide")
    columns += element("th", "Operations", scope="col", class_="wide")
    columns += element("th", "Calls", scope="col", class_="wide")
    groups = [_group(name, _standing(told, name)) for name in _STANDINGS]
    box = '<input type="search" id="filter" autocomplete="off">'
    label = element("label", "Filter", for_="filter")
    return element("div", label, box, class_="filter", hidden="") + element(
        "div",
        element("table", element("thead", element("tr", columns)), *groups),
        class_="book",
        tabindex=0,
        role="region",
        aria_label="All rules",
    )


def _group(name: str, rules: Sequence[Json]) -> str:
    if not rules:
        return ""
    heading, tone = _STANDINGS[name]
    title = element("th", f"{heading} · {len(rules)}", colspan=4, scope="rowgroup")
    rows = "".join(map(_row, rules))
    return element("tbody", element("tr", title), rows, id=f"rules-{name}", class_=f"tone-{tone}")


def _row(verdict: Json) -> str:
    reason = verdict["reason"]
    if verdict.get("waived") is not None:
        reason = f"waived: {verdict['waived']}"
    name = element("span", text(verdict["id"]), class_="id")
    if "basis" in verdict and verdict["waived"] is None:
        name = element("a", name, href=f"#{verdict['id']}")
    law = element("th", name, text(verdict["statement"]), scope="row")
    if reason:
        law = law.removesuffix("</th>") + element("div", text(reason), class_="soft") + "</th>"
    return element(
        "tr",
        law,
        element("td", text(" / ".join(verdict["bases"])), class_="plain wide"),
        element("td", text(", ".join(verdict["operations"])), class_="wide"),
        element("td", str(verdict["calls"]), class_="plain wide"),
    )


def _again(told: Json) -> Iterator[str]:
    if told["variables"]:
        names = ", ".join(told["variables"])
        yield element("p", text(f"Needs in the environment: {names}"), class_="soft")
    yield _command(told["again"], "The command of this run")
    for verdict in told["rules"][:1]:
        yield element("p", "One rule alone, by its id:", class_="soft")
        yield _command(verdict["repeat"], "The command for one rule")
