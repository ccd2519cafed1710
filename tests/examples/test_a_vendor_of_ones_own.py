"""A vendor from another distribution, found through the entry point group."""

import shutil
from pathlib import Path

import httpx
import pytest

from metersim import Simulator


@pytest.fixture(autouse=True)
def installed_distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ``pip install acme-billing`` would leave behind."""
    vendors = tmp_path / "acme_billing" / "vendors"
    shutil.copytree(Path(__file__).parent / "acme", vendors / "acme")
    (vendors.parent / "__init__.py").touch()
    (vendors / "__init__.py").touch()
    metadata = tmp_path / "acme_billing-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-billing\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[metersim.vendors]\nacme = acme_billing.vendors\n")
    monkeypatch.syspath_prepend(tmp_path)


def test_it_answers_from_the_same_world_as_all_others() -> None:
    with Simulator() as sim:
        headers = {"Authorization": f"Bearer {sim.acme.token}"}
        url = f"{sim.acme.url}/balance/cust_northwind"
        before = httpx.get(url, headers=headers).json()["calls"]
        httpx.post(
            f"{sim.mudbase.url}/api/billing/public/projects/proj_nCBo0AB7UWpj/usage",
            json={"email": "amari_koss69@northwind.dev", "metric": "api_calls", "quantity": 3},
        )
        assert httpx.get(url, headers=headers).json()["calls"] == before + 3
