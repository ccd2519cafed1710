"""The page: complete in itself, and text whatever a reply holds."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from metersim.checker.reports.markup import text
from metersim.checker.reports.page import page
from metersim.checker.verdict import Report
from tests.checker.reported import COOKIE, RULES, TOKEN, report, told

_VOID = {"meta", "input"}


class Outline(HTMLParser):
    """Elements with attributes, ids, links, and the text between, of a page whose tags match."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.shown = ""
        self._open: list[str] = []
        self.feed(markup)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("script", "style"):
            self.shown += data

    def values(self, attribute: str) -> list[str]:
        return [told[attribute] or "" for _, told in self.elements if attribute in told]


def outline(found: Report | None = None) -> Outline:
    return Outline(page(told(found)))


def test_verdict_figures_and_every_rule_are_on_it() -> None:
    shown = outline().shown
    assert "saas does not conform" in shown
    assert "66.7 %" in shown
    for rule in RULES[:6]:
        assert rule.statement in shown
        assert rule.source in shown
    assert "it writes: --allow-writes" in shown
    assert "metersim check saas --url http://127.0.0.1:3000" in shown


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Report("saas", "http://x", 1), "saas conforms"),
        (Report("saas", "http://x", 1, stopped="nobody answers"), "saas could not be judged"),
    ],
)
def test_an_empty_run_has_a_page_too(found: Report, words: str) -> None:
    assert words in outline(found).shown
    assert found.stopped in outline(found).shown


def test_what_is_said_of_waivers_is_told_at_its_head() -> None:
    found = report(expired={"SAAS-09": "SAAS-09 ended"}, idle=["SAAS-11 matched nothing"])
    markup = page(told(found))
    assert '<p class="stop">SAAS-09 ended</p>' in markup
    assert '<p class="soft">SAAS-11 matched nothing</p>' in markup


def test_it_loads_nothing_from_anywhere() -> None:
    found = outline()
    assert {tag for tag, _ in found.elements}.isdisjoint({"link", "img", "iframe", "object"})
    assert found.values("src") == []
    assert all(target.startswith("#") for target in found.values("href"))
    assert "url(" not in page(told())
    assert "@import" not in page(told())


def test_every_link_leads_somewhere_and_every_id_is_one() -> None:
    found = outline()
    ids = found.values("id")
    assert len(ids) == len(set(ids))
    assert {target.removeprefix("#") for target in found.values("href")} <= set(ids)
    assert set(found.values("aria-labelledby")) <= set(ids)


@pytest.mark.parametrize(
    "reply",
    [
        "</pre><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '" onmouseover="alert(1)" x=\'',
        "</style><style>*{display:none}</style>",
        "<!-- ",
        "]]>&lt;b&gt;",
        "javascript:alert(1)",
        "</title><base href=//example.com>",
    ],
)
def test_a_reply_is_text_and_never_markup(reply: str) -> None:
    plain, found = outline(report("harmless")), outline(report(reply))
    assert [tag for tag, _ in found.elements] == [tag for tag, _ in plain.elements]
    assert [sorted(told) for _, told in found.elements] == [
        sorted(told) for _, told in plain.elements
    ]
    assert reply in found.shown


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("a\x00b\x1b[31m", "a\\u{0}b\\u{1b}[31m"),
        ("\ud800", "\\u{d800}"),
        ("\u202etxt.exe\u202c", "\\u{202e}txt.exe\\u{202c}"),
        ("\u200bzero\ufeff", "\\u{200b}zero\\u{feff}"),
        ("line\r\nline\tend", "line\\u{d}\nline\tend"),
        ("Zürich 日本 😀", "Zürich 日本 😀"),
        ("a<b & \"c\" 'd'", "a&lt;b &amp; &quot;c&quot; &#x27;d&#x27;"),
    ],
)
def test_what_cannot_be_seen_is_spelt_out(hidden: str, shown: str) -> None:
    assert text(hidden) == shown


@pytest.mark.parametrize("reply", ["\ud800 \udfff", "\u202eevil", "\x00\x08\x7f\x9b"])
def test_a_page_can_be_written_whatever_a_reply_holds(reply: str) -> None:
    data = told()
    data["rules"][0]["found"] = reply
    data["schema"][0]["operation"] = reply
    written = page(data).encode("utf-8").decode()
    assert "saas does not conform" in Outline(written).shown
    assert reply not in written


def test_the_token_is_not_on_it() -> None:
    assert TOKEN not in page(told())
    assert COOKIE not in page(told())
    assert "METERSIM_TOKEN" in page(told())


def test_only_the_script_and_style_of_its_own_may_run() -> None:
    policy = next(told["content"] for tag, told in outline().elements if "http-equiv" in told)
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert outline().values("style") == []


def test_the_same_run_gives_the_same_page() -> None:
    assert page(told()) == page(told())
