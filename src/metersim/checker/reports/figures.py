"""The figures at the head of the page: score and index, and how many rules stand how."""

from __future__ import annotations

from decimal import Decimal

from metersim.checker.reports.markup import element, text
from metersim.checker.reports.standings import ENDINGS, STANDINGS, standing
from metersim.reading import Json


def figures(told: Json) -> str:
    """Both rings, the bar and the counts, which lead to what they count."""
    tone = ENDINGS[told["exit_code"]][0]
    score = _ring(told["score"], "Score", "of the rules were proven here", tone)
    index = _ring(told["index"], "Index", "could be proven or refuted here", "open")
    return element("div", score, index, _counted(told), class_="summary")


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


def _counted(told: Json) -> str:
    items, bars, at = [], [], 0
    for name, (heading, tone) in STANDINGS.items():
        if number := len(standing(told, name)):
            bars.append(_stretch(at, number, f"tone-{tone}", f"{number} {heading}"))
            at += number
            target = name if name in ("broken", "notices") else f"rules-{name}"
            items.append(_count(number, heading, target, tone))
    if told["schema"]:
        wrong = sum(each["counts"] for each in told["schema"])
        tone = "broken" if wrong else "notice"
        items.append(_count(wrong, "Schema departures", "schema", tone))
    else:
        items.append(_figure(0, "Schema departures", "holds"))
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
    link = element("a", *_words(number, heading), href=f"#{anchor}")
    return element("li", link, class_=f"tone-{tone}")


def _figure(number: int, heading: str, tone: str) -> str:
    return element("li", element("span", *_words(number, heading)), class_=f"tone-{tone}")


def _words(number: int, heading: str) -> tuple[str, str]:
    return element("b", str(number)), element("span", heading)
