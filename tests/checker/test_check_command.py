"""``metersim check``: what it prints, what it never prints, and how it exits."""

from __future__ import annotations

import json
import socket
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from metersim.cli import main
from tests.checker.hostile import hostile, reply
from tests.implementations import saas
from tests.implementations.serving import served

DEFECT = "the total leaves the base out"
VALUES = [word for pair in saas.VALUES.items() for word in ("--set", "=".join(pair))]


@pytest.fixture(autouse=True)
def a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("METERSIM_TOKEN", raising=False)


@pytest.fixture(scope="module")
def right() -> Iterator[str]:
    with served(saas.create()) as url:
        yield url


@pytest.fixture(scope="module")
def wrong() -> Iterator[str]:
    with served(saas.create(DEFECT)) as url:
        yield url


def check(url: str, *words: str, vendor: str = "saas", token: str = saas.TOKEN) -> Result:
    command = ["check", vendor, "--url", url, "--token", token, *VALUES, *words]
    return CliRunner().invoke(main, command, catch_exceptions=False)


def test_what_conforms_exits_with_0(right: str) -> None:
    result = check(right, "--no-fuzz")
    assert result.exit_code == 0, result.output
    assert "17 holds, 1 not run" in result.output
    assert "schema  no departure" in result.output
    assert "index   94.4 %" in result.output


def test_what_does_not_conform_exits_with_1_and_is_shown_last(wrong: str) -> None:
    result = check(wrong, "--no-fuzz")
    assert result.exit_code == 1
    assert "✗ SAAS-12       broken" in result.output
    told = result.output[result.output.rindex("\nSAAS-12") :]
    assert "expected  estimatedCost.total " in told
    assert "curl --globoff --include --header 'authorization: Bearer '\"$METERSIM_TOKEN\"" in told
    assert "--no-fuzz --rules SAAS-12" in told


def test_the_command_that_is_shown_repeats_the_failure_alone(wrong: str) -> None:
    shown = check(wrong, "--no-fuzz").output
    again = shown[shown.rindex("again     metersim ") :].splitlines()[0].split()[2:]
    result = CliRunner().invoke(main, again, env={"METERSIM_TOKEN": saas.TOKEN})
    assert result.exit_code == 1
    assert "rules   1 broken" in result.output


def test_the_token_is_nowhere_in_what_is_told(wrong: str, tmp_path: Path) -> None:
    kinds = ("json", "junit", "html", "sarif", "har")
    files = {kind: tmp_path / f"report.{kind}" for kind in kinds}
    words = [word for kind, file in files.items() for word in ("--report", f"{kind}={file}")]
    result = check(wrong, "--no-fuzz", "--set", "token_without_scope=hunter22", *words)
    for text in (result.output, *(file.read_text() for file in files.values())):
        assert "SAAS-12" in text or "entries" in text
        assert saas.TOKEN not in text
        assert "hunter22" not in text


def test_json_holds_figures_verdicts_and_the_exchange(wrong: str) -> None:
    check(wrong, "--no-fuzz", "--report", "json=report.json")
    told = json.loads(Path("report.json").read_text())
    assert (told["vendor"], told["exit_code"], told["seed"]) == ("saas", 1, 1)
    assert told["index"] > told["score"]
    broken = next(each for each in told["rules"] if each["verdict"] == "broken")
    assert broken["id"] == "SAAS-12"
    assert broken["source"].startswith("Get Usage documentation page")
    assert broken["exchanges"][0]["status"] == 200


def test_junit_has_a_case_for_each_rule_and_one_failure(wrong: str) -> None:
    check(wrong, "--no-fuzz", "--report", "junit=report.xml")
    rules = ET.parse("report.xml").getroot()[0]
    assert [rules.get(key) for key in ("tests", "failures", "skipped")] == ["18", "1", "1"]
    failed = [case.get("name") for case in rules if case.find("failure") is not None]
    assert [name and name[:7] for name in failed] == ["SAAS-12"]


def test_nobody_there_exits_with_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = check(f"http://127.0.0.1:{port}")
    assert result.exit_code == 2
    assert "Stopped: the target does not answer" in result.output


@pytest.mark.parametrize(
    ("status", "said"),
    [("401 Unauthorized", "--token, or METERSIM_TOKEN"), ("404 Not Found", "--url, what its")],
)
def test_a_door_that_is_shut_is_no_broken_rule(status: str, said: str) -> None:
    with hostile(reply(status, b"{}", "Content-Type: application/json")) as url:
        result = check(url, "--no-fuzz", "--waivers", _waive_schema())
    assert result.exit_code == 2
    assert said in result.output
    assert "broken" not in result.output


def test_a_short_token_is_nowhere_in_a_curl_line() -> None:
    with hostile(reply("200 OK", b"{}", "Content-Type: application/json")) as url:
        result = check(url, "--no-fuzz", token="abc")
    assert "curl" in result.output
    assert "Bearer abc" not in result.output


def test_a_target_of_which_nothing_can_be_proven_exits_with_2() -> None:
    with hostile(reply("429 Slow Down", b"{}", "Content-Type: application/json")) as url:
        result = check(url, "--no-fuzz", "--rules", "SAAS-1[0-4]", "--waivers", _waive_schema())
    assert result.exit_code == 2
    assert "5 not applicable" in result.output


def _waive_schema() -> str:
    text = '[[waiver]]\ncheck = "*"\nreason = "a test"\nuntil = 9999-12-31\n'
    Path("waivers.toml").write_text(text)
    return "waivers.toml"


@pytest.mark.parametrize(
    "answer",
    [
        reply("200 OK", b"<html>Welcome</html>", "Content-Type: text/html"),
        reply("302 Found", b"", "Location: /login"),
        reply("500 Internal Server Error"),
        reply("200 OK", b'{"data":', "Content-Type: application/json"),
        reply("200 OK", b"[" * 100_000, "Content-Type: application/json"),
        reply("200 OK", b"[]", "Content-Type: application/json"),
    ],
    ids=("html", "redirect", "500", "half of JSON", "deep JSON", "other JSON"),
)
def test_a_server_that_is_none_of_the_kind_gets_a_verdict_and_no_traceback(answer: bytes) -> None:
    with hostile(answer) as url:
        result = check(url, "--no-fuzz")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "departure" in result.output


def test_a_run_stops_at_the_most_calls(right: str) -> None:
    result = check(right, "--no-fuzz", "--max-calls", "10")
    assert result.exit_code == 2
    assert "Stopped: the 10 calls that may be made were made" in result.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[waiver]]\nrule = 'SAAS-12'\nuntil = 2027-01-01", "waiver 1: 'reason' is required"),
        ("[[waiver]]\nreason = 'x'\nuntil = 2027-01-01", "expected one of 'rule' and 'check'"),
        ("[[waiver]]\nrule = 'A'\nreason = 'x'\nuntil = 'soon'", "expected a date such as"),
        ("[[waiver]]\nrule = 7\nreason = 'x'\nuntil = 2027-01-01", "rule: expected text, found 7"),
        ("[[waiver]]\nrules = 'A'", "'rules' is not known; did you mean 'rule'?"),
        ("[[waver]]\nrule = 'A'", "'waver' is not known; did you mean 'waiver'?"),
        ("waiver = 3", "expected [[waiver]] tables, found 3"),
        ("waiver = [3]", "waiver 1: expected a table, found 3"),
        ("waiver", "no TOML"),
    ],
)
def test_a_waiver_that_cannot_be_read_says_which_and_how(right: str, text: str, said: str) -> None:
    Path("waivers.toml").write_text(text)
    result = check(right, "--waivers", "waivers.toml")
    assert result.exit_code == 2
    assert said in result.output


def test_what_stands_in_the_file_need_not_be_said(wrong: str) -> None:
    Path("metersim.toml").write_text(
        f'[check]\nno-fuzz = true\n[check.saas]\nurl = "{wrong}"\nrules = ["SAAS-1?"]\n'
        f'token = "{saas.TOKEN}"\n[check.saas.set]\nsince = "2025-04-01"\nuntil = "2025-06-01"\n'
        '[check.monk]\nurl = "http://monk.example"\n'
    )
    result = CliRunner().invoke(main, ["check", "saas"])
    assert result.exit_code == 1, result.output
    assert "7 holds, 1 broken, 1 not run" in result.output
    result = CliRunner().invoke(main, ["check", "saas", "--rules", "SAAS-10"])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[check]\nrats = 3", "'rats' is not known; did you mean 'rate'?"),
        ("[check.saas]\nset = 3", "check.saas.set: expected a table, found 3"),
        ("[check", "no TOML"),
        ("[check]\nmax-calls = 'many'", "is not a valid integer"),
        ("[check.saas.set]\nsinse = '2025-01-01'", "did you mean 'since'?"),
        ("[chek]\nstrict = true", "'chek' is not known; did you mean 'check'?"),
        ("[check.sass]\nstrict = true", "did you mean 'saas'?"),
        ("[check]\nstrict = 'yes'", "strict: expected true or false, found 'yes'"),
        ("[check]\nreport = 'junitt=x'", "did you mean 'junit'?"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_how(right: str, text: str, said: str) -> None:
    Path("other.toml").write_text(text)
    result = check(right, "--config", "other.toml")
    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--rules", "SAAS-99"), "no rule matches 'SAAS-99'"),
        (("--set", "sins=x"), "no value that is called 'sins'; did you mean 'since'?"),
        (("--set", "project"), "expected KEY=VALUE, found 'project'"),
        (("--set", "since="), "--set since: expected a value, found none"),
        (("--report", "junitt=x.xml"), "no report is called 'junitt'; did you mean 'junit'?"),
        (("--report", "junit"), "expected KIND=FILE, found 'junit'"),
        (("--rate", "often"), "expected calls per s, m or h"),
        (("--set", "since=yesterday"), "--set since: expected a date, or an instant such as"),
        (("--set", "since=2026-01-01", "--set", "until=2026-01-01"), "is not before until"),
        (("--url", "ftp://x"), "--url: expected a URL such as http://localhost:3000"),
        (("--url", ""), "--url is missing: what the vendor's own paths are appended to"),
        (("--url", "localhost:3000"), "--url: expected a scheme: http://localhost:3000 or https:"),
        (("--url", "http://[::1"), "found 'http://[::1': Invalid IPv6 URL"),
        (("--url", "http://x:99999"), "Port out of range"),
        (("--url", "http://x y/"), "--url: expected a URL such as http://localhost:3000"),
        (("--token", "sec\nret"), "--token: expected a token of printable ASCII, found another"),
        (("--token", "sécret"), "--token: expected a token of printable ASCII, found another"),
        (("--token", ""), "--token: expected a token of printable ASCII, found an empty one"),
        (("--rules", "saas-9"), "did you mean 'SAAS-09'?"),
        (("--url", "http://u:p@x"), "without query, fragment or credentials"),
        (("--waivers", "none.toml"), "none.toml: No such file or directory"),
        (("--config", "none.toml"), "none.toml: No such file or directory"),
    ],
)
def test_what_makes_no_sense_exits_with_2_and_the_nearest_word(
    right: str, words: tuple[str, ...], said: str
) -> None:
    result = check(right, *words)
    assert result.exit_code == 2
    assert said in result.output


def test_an_unknown_vendor_exits_with_2_and_the_nearest(right: str) -> None:
    result = check(right, vendor="metronom")
    assert result.exit_code == 2
    assert "no vendor 'metronom'; did you mean 'metronome'?" in result.output


@pytest.mark.parametrize("words", [("--allow-writes", "--no-fuzz"), ()], ids=("writes", "fuzzing"))
def test_a_host_with_customers_is_spared_unless_it_is_known_to_be_live(
    words: tuple[str, ...],
) -> None:
    result = check("https://api.metronome.com", *words, vendor="metronome")
    assert result.exit_code == 2
    assert "needs --i-know-this-is-live" in result.output


def test_strict_makes_a_broken_assumed_rule_count() -> None:
    with served(saas.create("unknown metrics are let pass")) as url:
        lax = check(url, "--no-fuzz", "--rules", "SAAS-08")
        strict = check(url, "--no-fuzz", "--rules", "SAAS-08", "--strict")
    assert lax.exit_code == 0
    assert "basis     assumed: a notice, unless --strict" in lax.output
    assert "source    not published; assumed, as" in lax.output
    assert strict.exit_code == 1


def test_fuzzing_finds_nothing_in_what_is_right(right: str) -> None:
    result = check(right, "--max-examples", "5")
    assert result.exit_code == 0, result.output
    assert "Schemathesis: 1 operation; " in result.output
