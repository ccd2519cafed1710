"""Waivers: what they are about by either name of an operation, and which nothing needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from metersim.checker.verdict import Departure, Standing, Verdict
from metersim.checker.waivers import Waiver
from metersim.checker.waiving import Waiving
from metersim.cli import main
from metersim.contract.rule import Basis
from tests.checker.proven import VENDORS
from tests.checker.reported import RULES, exchange
from tests.implementations import saas
from tests.implementations.serving import served

SAAS = VENDORS["saas"]
TODAY, LAST = date(2026, 3, 1), date(2026, 3, 31)
NAMES = ("getUsage", "GET /api/billing/usage", "GET *", "*", "get[U]sage")
OTHERS = ("POST /api/billing/usage", "listUsage", "getusage")
BROKEN = Verdict(RULES[0], Standing.BROKEN, exchanges=[exchange()], basis=Basis.DOCUMENTED)
HOLDING = [Verdict(rule, Standing.HOLDS) for rule in SAAS.rules]


def waiver(**about: str) -> Waiver:
    return Waiver("ticket 7", LAST, **about)


def waiving(*waivers: Waiver, called: Sequence[str] = ("getUsage",)) -> Waiving:
    found = Waiving(SAAS, waivers, TODAY)
    found.called.update(called)
    return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("told", ["getUsage", "GET /api/billing/usage"])
def test_an_operation_is_known_by_both_its_names(told: str, name: str) -> None:
    ours = waiving(waiver(rule="SAAS-01", operation=name), waiver(check="resp*", operation=name))
    departure = Departure("response conforms", told, "no body", exchange())
    assert ours.of_departure(departure) == "ticket 7"
    assert ours.of_verdict(BROKEN) == "ticket 7"
    assert ours.of_verdict(replace(BROKEN, exchanges=())) == "ticket 7"


@pytest.mark.parametrize("name", OTHERS)
def test_a_waiver_of_another_operation_lets_nothing_pass(name: str) -> None:
    ours = waiving(waiver(rule="SAAS-01", operation=name), waiver(check="resp*", operation=name))
    departure = Departure("response conforms", "getUsage", "no body", exchange())
    assert ours.of_departure(departure) is None
    assert ours.of_verdict(BROKEN) is None


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"rule": "SAAS-12"}, "the waiver of SAAS-12 matched nothing: it may be deleted"),
        ({"rule": "saas-1?"}, "the waiver of saas-1? matched nothing: it may be deleted"),
        ({"rule": "SASS-12"}, "the waiver of SASS-12 is about no rule of any vendor"),
        ({"rule": "SAAS-12", "operation": "getUse"}, "SAAS-12 of getUse is about no operation of"),
        ({"check": "response conforms"}, "response conforms matched nothing"),
    ],
)
def test_a_waiver_that_nothing_needs_may_be_deleted(about: dict[str, str], said: str) -> None:
    [told] = waiving(waiver(**about)).idle(HOLDING, fuzzed=False)
    assert said in told


def test_of_what_was_not_looked_at_no_waiver_is_idle() -> None:
    other = replace(HOLDING[11], standing=Standing.NOT_RUN)
    some = [*HOLDING[:11], other, *HOLDING[12:]]
    # Not run, of another vendor, not asked for, and of Schemathesis, which has not looked.
    about = ({"rule": "SAAS-12"}, {"rule": "MONK-01"}, {"rule": "SAAS-1?"}, {"check": "*"})
    for each in about:
        assert list(waiving(waiver(**each)).idle(some, fuzzed=False)) == []
    conforms = waiver(check="response conforms")
    assert list(waiving(conforms).idle(HOLDING[:3], fuzzed=False)) == []
    assert list(waiving(conforms, called=()).idle(HOLDING, fuzzed=True)) == []
    of_monk = waiver(check="response conforms", operation="getUsageCost")
    assert list(waiving(of_monk).idle(HOLDING, fuzzed=True)) == []
    assert len(list(waiving(waiver(check="*")).idle(HOLDING, fuzzed=True))) == 1


def test_a_waiver_that_was_needed_is_not_idle_even_where_it_has_ended() -> None:
    ours = waiving(Waiver("ticket 7", date(2026, 2, 28), rule="SAAS-01"))
    assert ours.of_verdict(BROKEN) is None
    assert list(ours.idle([BROKEN], fuzzed=True)) == []
    assert ours.expired == {"SAAS-01": "the waiver of SAAS-01 ended on 2026-02-28: ticket 7"}


@pytest.fixture(scope="module")
def wrong() -> Iterator[str]:
    with served(saas.create("the total leaves the base out")) as url:
        yield url


@pytest.fixture(autouse=True)
def a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def check(url: str, *waivers: str, words: Sequence[str] = (), until: str = "9999-12-31") -> Result:
    head, tail = "[[waiver]]\n", f'\nreason = "ticket 7"\nuntil = {until}\n'
    Path("waivers.toml").write_text("".join(f"{head}{each}{tail}" for each in waivers))
    values = [word for pair in saas.VALUES.items() for word in ("--set", "=".join(pair))]
    command = ["check", "saas", "--url", url, "--token", saas.TOKEN, "--no-fuzz"]
    command += ["--waivers", "waivers.toml", *values, *words]
    return CliRunner().invoke(main, command, catch_exceptions=False)


def test_a_waiver_lets_a_failure_pass_and_says_why(wrong: str) -> None:
    result = check(wrong, 'rule = "SAAS-12"')
    assert result.exit_code == 0
    assert "waived    ticket 7" in result.output


def test_a_waiver_that_has_ended_lets_nothing_pass(wrong: str) -> None:
    result = check(wrong, 'rule = "SAAS-12"', until="2020-01-31")
    assert result.exit_code == 1
    assert "the waiver of SAAS-12 ended on 2020-01-31: ticket 7" in result.output


def test_a_run_tells_what_may_be_deleted_and_passes(wrong: str) -> None:
    result = check(wrong, 'rule = "SAAS-12"\noperation = "GET /api/*"', 'rule = "SAAS-11"')
    assert result.exit_code == 0, result.output
    assert "the waiver of SAAS-11 matched nothing: it may be deleted" in result.output
    assert "SAAS-12 of GET /api/* matched" not in result.output
    cut_short = check(wrong, 'rule = "SAAS-01"', words=("--max-calls", "10"))
    assert cut_short.exit_code == 2
    assert "may be deleted" not in cut_short.output
