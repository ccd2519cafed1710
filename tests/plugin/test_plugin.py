"""The pytest plugin, in runs of pytest as its users have them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from metersim.simulator import Simulator
from tests.plugin.running import ALONE, CALL, run

pytest_plugins = ["pytester"]


def test_each_test_has_a_session_of_its_own(pytester: pytest.Pytester) -> None:
    code = """
def test_one(metersim):
    metersim.clock.advance(days=3)
    assert usage(metersim).status_code == 200
    assert metersim.journal.count() == 1

def test_two(metersim):
    assert metersim.clock.now.isoformat() == "2026-03-18T09:30:00+00:00"
    assert metersim.journal.count() == 0
    assert metersim.name != "default"
"""
    run(pytester, code).assert_outcomes(passed=2)


def test_a_session_is_closed_when_its_test_is_over(pytester: pytest.Pytester) -> None:
    code = """
def test_one(metersim):
    usage(metersim)

def test_two(metersim_server):
    assert {each["name"] for each in metersim_server.sessions()} <= {"default"}
"""
    run(pytester, code).assert_outcomes(passed=2)


def test_the_marker_says_what_the_session_opens_with(pytester: pytest.Pytester) -> None:
    code = """
@pytest.mark.metersim(scenario="overage", now="2026-04-01T00:00:00Z", seed=7)
class TestOverage:
    def test_all_of_it(self, metersim):
        assert metersim.scenario == {
            "name": "overage", "seed": 7, "clock": "2026-04-01T00:00:00.000Z",
        }

    @pytest.mark.metersim(seed=8, vendor_limits=True)
    def test_what_is_nearer_goes_first(self, metersim):
        assert (metersim.scenario["name"], metersim.scenario["seed"]) == ("overage", 8)
        assert metersim.settings == {"vendor_limits": True}

@pytest.mark.metersim(faults=[{"vendor": "saas", "problem": {"status": 500}, "times": 1}])
def test_faults(metersim):
    assert [usage(metersim).status_code for _ in range(2)] == [500, 200]
"""
    run(pytester, code).assert_outcomes(passed=3)


def test_a_scenario_may_be_a_file_beside_the_test_or_data_in_it(pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", mine="include: overage\nclock: 2026-05-01T00:00:00Z\n")
    code = """
@pytest.mark.metersim(scenario="mine.yaml")
def test_file(metersim):
    assert metersim.clock.now.month == 5

@pytest.mark.metersim(scenario={"include": "overage", "clock": "2026-06-01T00:00:00Z"})
def test_data(metersim):
    assert metersim.clock.now.month == 6
"""
    run(pytester, code).assert_outcomes(passed=2)


@pytest.mark.parametrize("by", ["option", "ini"])
def test_a_run_may_have_another_scenario_than_the_default(
    pytester: pytest.Pytester, by: str
) -> None:
    code = """
def test_one(metersim):
    assert metersim.scenario["name"] == "leap-year"
"""
    options = ("--metersim-scenario", "leap-year") if by == "option" else ()
    ini = "" if options else "metersim_scenario = leap-year"
    run(pytester, code, *options, ini=ini).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("scenario='overrage'", "did you mean 'overage'?"),
        ("scenrio='overage'", "did you mean 'scenario'?"),
        ("'overage'", "takes keywords alone"),
        (
            "faults=[{'operation': 'getUsge', 'problem': {'status': 500}}]",
            "did you mean 'getUsage'?",
        ),
        ("now='soon'", "soon"),
    ],
)
def test_a_marker_that_makes_no_sense_says_so_without_a_traceback(
    pytester: pytest.Pytester, marker: str, said: str
) -> None:
    result = run(pytester, f"@pytest.mark.metersim({marker})\ndef test_one(metersim): pass\n")
    result.assert_outcomes(errors=1)
    text = result.stdout.str()
    assert said in text
    assert "pytest_plugin.py" not in text
    assert "another exception" not in text


def test_a_failed_test_says_what_was_asked_and_what_of_it_was_wrong(
    pytester: pytest.Pytester,
) -> None:
    code = """
def test_one(metersim):
    usage(metersim, period="week")
    httpx.get(f"{metersim.saas.url}/api/billing/usages")
    assert False
"""
    result = run(pytester, code)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*metersim journal*",
            "2026-03-18T09:30:00.000Z GET /saas/api/billing/usage?period=week → 200*",
            "*metersim: no operation is for*",
            "GET /saas/api/billing/usages comes near GET /saas/api/billing/usage",
            "*metersim: departs from the contract*",
            "GET /saas/api/billing/usage?period=week: query.period: is not known, and let pass",
        ]
    )
    assert "metersim-token" not in result.stdout.str()


def test_a_failed_test_that_asked_nothing_has_nothing_to_say(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_one(metersim): assert False\n")
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*metersim journal*")


def test_where_it_is_strict_a_client_that_departs_from_the_contract_fails(
    pytester: pytest.Pytester,
) -> None:
    code = """
def test_wrong(metersim):
    usage(metersim, period="week")

def test_right(metersim):
    usage(metersim)

@pytest.mark.metersim(strict=False)
def test_wrong_on_purpose(metersim):
    usage(metersim, period="week")
"""
    result = run(pytester, code, ini="metersim_strict = true")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["the client departs from the contract:*", "*query.period*"])


def test_without_the_fixture_nothing_of_the_simulator_is_loaded(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\ndef test_one(): assert 'metersim.world.world' not in sys.modules"
    )
    result = pytester.runpytest_subprocess(*ALONE)
    result.assert_outcomes(passed=1)
    loaded = "import sys, metersim.pytest_plugin; print('httpx' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    )
    assert told.stdout == "False\n"


def test_workers_do_not_meet(pytester: pytest.Pytester) -> None:
    code = """
@pytest.mark.parametrize("days", range(1, 9))
def test_one(metersim, days):
    metersim.clock.advance(days=days)
    for _ in range(5):
        usage(metersim)
    assert metersim.journal.count() == 5
    assert metersim.clock.now.day == 18 + days
"""
    pytester.makepyfile(CALL + code)
    pytester.runpytest_subprocess("-n", "4", *ALONE).assert_outcomes(passed=8)


def test_a_simulator_that_runs_already_serves_all_workers(pytester: pytest.Pytester) -> None:
    code = """
@pytest.mark.parametrize("days", range(1, 7))
def test_one(metersim, days):
    metersim.clock.advance(days=days)
    usage(metersim)
    assert metersim.journal.count() == 1
"""
    pytester.makepyfile(CALL + code)
    with Simulator() as sim:
        where = ("--metersim-url", sim.url, "--metersim-admin-token", sim.admin_token)
        pytester.runpytest_subprocess("-n", "2", *where, *ALONE).assert_outcomes(passed=6)
        assert [each["name"] for each in sim.sessions()] in ([], ["default"])


def test_a_simulator_that_runs_already_needs_its_token(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_one(metersim): pass\n", "--metersim-url", "http://127.0.0.1:1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--metersim-url needs --metersim-admin-token*"])


def test_where_none_can_run_is_told_in_a_line(pytester: pytest.Pytester) -> None:
    where = ("--metersim-url", "nowhere", "--metersim-admin-token", "t")
    result = run(pytester, "def test_one(metersim): pass\n", *where)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["--metersim-url: expected a URL such as *, found 'nowhere'"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_snapshots_are_gone_back_to(pytester: pytest.Pytester) -> None:
    code = """
def test_one(metersim):
    here = metersim.snapshot()
    metersim.clock.advance(days=1)
    there = metersim.snapshot()
    here.restore()
    assert metersim.clock.now.day == 18
    there.restore()
    assert metersim.clock.now.day == 19
"""
    run(pytester, code).assert_outcomes(passed=1)


def test_an_async_client_is_served_too(pytester: pytest.Pytester) -> None:
    code = """
import asyncio

async def ask(metersim, **how):
    headers = {"Authorization": f"Bearer {metersim.saas.token}"}
    async with httpx.AsyncClient(headers=headers, **how) as client:
        url = f"{metersim.saas.url}/api/billing/usage"
        return await asyncio.gather(*(client.get(url) for _ in range(3)))

def test_over_a_socket(metersim):
    assert [each.status_code for each in asyncio.run(ask(metersim))] == [200] * 3

def test_without_one(metersim):
    found = asyncio.run(ask(metersim, transport=metersim.transport()))
    assert [each.status_code for each in found] == [200] * 3
    assert metersim.journal.count() == 3
"""
    run(pytester, code).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("options", "ini", "allowed"),
    [
        ((), "", None),
        ((), "metersim_cors_origins = http://localhost:3000 null\n", "null"),
        (("--metersim-cors-origin", "*"), "", "*"),
        (("--metersim-cors-origin", "http://a"), "metersim_cors_origins = null\n", None),
    ],
)
def test_pages_call_it_from_where_they_are_told_to(
    pytester: pytest.Pytester, options: tuple[str, ...], ini: str, allowed: str | None
) -> None:
    code = f"""
def test_one(metersim):
    reply = httpx.get(metersim.saas.url, headers={{"Origin": "null"}})
    assert reply.headers.get("Access-Control-Allow-Origin") == {allowed!r}
"""
    run(pytester, code, *options, ini=ini).assert_outcomes(passed=1)
