"""The keys of ``--set``: each vendor brings its own, whoever made it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from metersim import Simulator
from metersim.checker.settings import read_settings
from metersim.checker.values import EVERYBODYS, given, hidden, keys_of, proofs_of, secrets_of
from metersim.cli import main
from metersim.errors import ControlError
from metersim.simulation import vendor as vendors
from tests.checker.proven import VENDORS
from tests.examples.acme import VENDOR as ACME
from tests.implementations import saas
from tests.implementations.serving import served


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> None:
    """A vendor of another distribution, installed beside ours."""
    found = vendors._in_package
    monkeypatch.setattr(vendors, "_in_package", lambda package: [*found(package), ACME])


@pytest.fixture
def acme_url(acme: None) -> Iterator[str]:
    with Simulator() as sim:
        yield sim.acme.url


def check(*words: str) -> Result:
    return CliRunner().invoke(main, ["check", *words], catch_exceptions=False)


@pytest.mark.parametrize("vendor", [*VENDORS.values(), ACME], ids=lambda vendor: vendor.name)
def test_a_vendor_declares_all_that_its_proofs_need(vendor: vendors.Vendor) -> None:
    known, proofs = keys_of(vendor).keys(), proofs_of(vendor)
    assert known >= {key for proof in proofs.by_rule.values() for key in proof.needs}
    assert known >= {*proofs.inputs.values(), *proofs.secrets, *EVERYBODYS}
    assert all(about.strip() for about in keys_of(vendor).values())


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=lambda vendor: vendor.name)
def test_every_value_that_lets_someone_in_is_a_secret(vendor: vendors.Vendor) -> None:
    for key in keys_of(vendor):
        opens = key.startswith("token") or key.endswith("_key") and key != "property_key"
        assert (key in secrets_of(vendor)) is opens
        assert (key.upper() in hidden(vendor, None, {key: "x"})) is opens


def test_a_vendor_from_elsewhere_is_checked_with_keys_of_its_own(acme_url: str) -> None:
    asked = ("acme", "--url", acme_url, "--no-fuzz", "--token", "metersim-token")
    result = check(*asked, "--set", "customer_id=cust_northwind")
    assert "1 holds" in result.output
    assert "needs values: --set customer_id=…" in check(*asked).output


@pytest.mark.usefixtures("acme")
def test_a_key_that_is_nearly_one_of_the_vendor_is_told_so() -> None:
    result = check("acme", "--url", "http://127.0.0.1:1", "--set", "custmer_id=x")
    assert result.exit_code == 2
    assert "did you mean 'customer_id'?" in result.output


def test_a_key_of_another_vendor_is_left_out_and_never_told() -> None:
    assert given(VENDORS["saas"], ["email=a@b.example", "since=2026-01-01"]) == {
        "since": "2026-01-01"
    }
    span = ("--set", "since=2025-04-01", "--set", "until=2025-06-01")
    with served(saas.create("overage is free")) as url:
        asked = ("saas", "--url", url, "--token", saas.TOKEN, "--rules", "SAAS-13", *span)
        result = check(*asked, "--set", "secured_project_key=hush")
    # The command that repeats it.
    assert " ".join(span) in result.output
    assert "hush" not in result.output


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("monk", {"event_name": "hit", "since": "2026-01-01"}),
        ("saas", {"since": "2026-01-01"}),
        ("mkio", {"project": "one", "since": "2026-01-01"}),
    ],
)
def test_a_file_for_several_vendors_gives_each_what_it_knows(
    tmp_path: Path, name: str, expected: dict[str, str]
) -> None:
    file = tmp_path / "metersim.toml"
    file.write_text(
        '[check.set]\nevent_name = "hit"\nproject = "all"\nsince = "2026-01-01"\n'
        '[check.mkio.set]\nproject = "one"\n'
    )
    found = read_settings(file, name, {"set"})
    assert given(VENDORS[name], found["set"]) == expected


def test_a_key_that_no_vendor_knows_is_told_wherever_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "metersim.toml"
    file.write_text('[check.set]\nevent_nam = "hit"\n')
    found = read_settings(file, "monk", {"set"})
    with pytest.raises(ControlError, match="did you mean 'event_name'"):
        given(VENDORS["monk"], found["set"])
