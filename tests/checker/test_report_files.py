"""Where reports go is looked at before a run of minutes, and not after it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from metersim.checker.reports import read_wishes
from metersim.cli import main
from metersim.errors import ControlError
from tests.checker.hostile import hostile, reply


def check(url: str, *files: str) -> Result:
    words = [word for file in files for word in ("--report", file)]
    return CliRunner().invoke(main, ["check", "saas", "--url", url, "--no-fuzz", *words])


@pytest.fixture(autouse=True)
def a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("file").touch()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (("json=no/such/report.json",), "--report json=no/such/report.json: there is no folder no"),
        (("html=folder",), "--report html=folder: Is a directory"),
        (("html=file/report.html",), "--report html=file/report.html: Not a directory"),
        (("html=/proc/report.html",), "--report html=/proc/report.html: "),
        (("json=a", "html=./a"), "--report html=a: the json report goes there already"),
        (("json=a", "json=folder/../a"), "the json report goes there already"),
    ],
)
def test_a_report_that_cannot_be_written_is_told_before_any_call(
    files: tuple[str, ...], said: str
) -> None:
    with hostile(reply("200 OK")) as url:
        result = check(url, *files)
    assert result.exit_code == 2
    assert said in result.output
    assert "at most" not in result.output


def test_to_look_at_a_file_leaves_it_as_it_was() -> None:
    Path("file").write_text("as it was")
    read_wishes(["json=file", "html=new"])
    assert Path("file").read_text() == "as it was"
    assert not Path("new").exists()


def test_a_file_that_nobody_may_write_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ControlError, match="--report json=file: Permission denied"):
        read_wishes(["json=file"])
