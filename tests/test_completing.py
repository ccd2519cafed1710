"""What a shell completes when somebody presses Tab."""

from __future__ import annotations

import pytest
from click.shell_completion import CompletionItem, ShellComplete
from click.testing import CliRunner

from metersim.checker.reports import KINDS
from metersim.checker.values import EVERYBODYS, keys_of
from metersim.cli import main
from metersim.scenario import scenario_names
from metersim.simulation.vendor import installed_vendors

VENDORS = list(installed_vendors())


def completed(line: str) -> list[CompletionItem]:
    """What the end of the line may become; after a space, a new word."""
    *before, begun = line.split(" ")[1:]
    return ShellComplete(main, {}, "metersim", "_METERSIM_COMPLETE").get_completions(before, begun)


def words(line: str) -> list[str]:
    return [item.value for item in completed(line)]


def test_a_command_is_completed() -> None:
    assert words("metersim v") == ["validate", "vendors"]


@pytest.mark.parametrize("command", ["check", "compare", "explain", "openapi"])
def test_a_vendor_is_completed_wherever_one_is_taken(command: str) -> None:
    assert words(f"metersim {command} ") == VENDORS
    (saas,) = completed(f"metersim {command} sa")
    assert (saas.value, saas.help) == ("saas", "SaaS usage")


def test_the_rule_book_has_a_part_for_the_world_too() -> None:
    assert words("metersim rules ") == [*VENDORS, "world"]
    assert words("metersim rules w") == ["world"]


@pytest.mark.parametrize("command", ["serve --scenario", "scenarios", "explain --scenario"])
def test_a_scenario_is_completed_by_name(command: str) -> None:
    assert words(f"metersim {command} ") == list(scenario_names())
    assert words(f"metersim {command} le") == ["leap-year"]


def test_what_begins_like_no_scenario_is_a_file() -> None:
    (file,) = completed("metersim serve --scenario ./mi")
    assert (file.type, file.value) == ("file", "./mi")
    assert completed("metersim scenarios ./mi") == []


@pytest.mark.parametrize("command", ["check", "compare"])
def test_a_rule_is_completed_of_the_vendor_that_is_named(command: str) -> None:
    assert words(f"metersim {command} saas --rules ") == [
        rule.id for rule in installed_vendors()["saas"].rules
    ]
    assert words(f"metersim {command} --rules MUDBASE-08") == ["MUDBASE-08"]
    (rule,) = completed(f"metersim {command} saas --rules SAAS-08")
    assert rule.help == installed_vendors()["saas"].rules[7].statement


@pytest.mark.parametrize("command", ["check", "compare"])
def test_a_value_is_completed_by_its_key(command: str) -> None:
    keys = keys_of(installed_vendors()["mkio"])
    assert words(f"metersim {command} mkio --set ") == [f"{key}=" for key in keys]
    assert words(f"metersim {command} mkio --set em") == []
    assert words(f"metersim {command} --set em") == ["email="]
    (since,) = completed(f"metersim {command} mkio --set si")
    assert (since.value, since.help) == ("since=", EVERYBODYS["since"])


def test_a_report_is_completed_by_its_kind() -> None:
    assert words("metersim check mkio --report ") == [f"{kind}=" for kind in KINDS]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_is_given_a_script_and_answers(shell: str) -> None:
    def asked(instruction: str, line: str = "") -> str:
        variables = {
            "_METERSIM_COMPLETE": f"{shell}_{instruction}",
            "COMP_WORDS": line if shell != "fish" else "metersim openapi",
            "COMP_CWORD": "2" if shell != "fish" else "mk",
        }
        runner = CliRunner(env=variables)
        return runner.invoke(main, prog_name="metersim").output

    if shell != "bash":  # whose version is looked up in a process of its own
        assert "_METERSIM_COMPLETE" in asked("source")
    assert "mkio" in asked("complete", "metersim openapi mk")
