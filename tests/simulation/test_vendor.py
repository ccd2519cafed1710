"""What a vendor must keep to; and that one from anywhere comes in by the same door as ours."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import httpx
import pytest
import yaml

from metersim import Simulator
from metersim.contract.rule import Basis, Effect, Rule
from metersim.errors import ContractError
from metersim.server import set_up
from metersim.simulation.vendor import installed_vendors
from tests.simulation.parcels import create_parcel, document, parcels
from tests.wire import SimulatorInProcess

Install = Callable[..., None]

OURS = ["metronome", "mkio", "monk", "mudbase", "saas"]

# All that a vendor from elsewhere is: this, its document, and a line that names its package.
DECLARATION = """
    from pathlib import Path

    from metersim.billing.instants import Span
    from metersim.billing.facts import Selection
    from metersim.simulation.call import Reply
    from metersim.simulation.problems import not_found
    from metersim.simulation.vendor import Vendor


    def get_parcel(call, world):
        customer = world.customer(call.path["id"])
        if customer is None:
            raise not_found(f"no parcel {call.path['id']}")
        usage = world.usage(world.opening.meters["emails"], Selection(customer=customer.key))
        return Reply({"weight": usage.over(Span())})


    VENDOR = Vendor(
        name="parcels",
        title="Parcels",
        document=Path(__file__).parent / "parcels.yaml",
        behaviours={
            "getParcel": get_parcel,
            "createParcel": lambda call, world: Reply(None, 204),
        },
        problem_body=lambda problem, call_id: {"error": problem.detail},
    )
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a distribution with a package of vendors, until the test is over."""

    def write(
        package: str = "acme_vendors", source: str = DECLARATION, spoken: object = None
    ) -> None:
        folder = tmp_path / package
        (folder / "parcels").mkdir(parents=True)
        (folder / "__init__.py").touch()
        (folder / "parcels" / "__init__.py").write_text(dedent(source))
        text = yaml.safe_dump(document() if spoken is None else spoken)
        (folder / "parcels" / "parcels.yaml").write_text(text)
        name_installed(tmp_path, package, package)

    monkeypatch.syspath_prepend(tmp_path)
    yield write
    for name in list(sys.modules):
        if name.partition(".")[0] in ("acme_vendors", "other_vendors"):
            del sys.modules[name]


def name_installed(folder: Path, package: str, value: str) -> None:
    """What an installer leaves behind of a distribution and its entry point."""
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[metersim.vendors]\n{package} = {value}\n")


def test_a_vendor_from_another_distribution_is_served_like_ours(install: Install) -> None:
    install()
    setup = set_up("default")
    assert sorted({*OURS, "parcels"}) == list(setup.vendors)
    sim = SimulatorInProcess(setup, "theirs")
    caller = sim.caller("parcels")
    answer = caller.get("/parcels/cust_northwind")
    assert answer.status == 200
    # It shows the same world: what is recorded through another vendor weighs here.
    usage = {"email": "amari_koss69@northwind.dev", "metric": "emails", "quantity": 2.5}
    path = "/api/billing/public/projects/proj_nCBo0AB7UWpj/usage"
    assert sim.caller("mudbase", None).post(path, usage).status == 200
    after = caller.get("/parcels/cust_northwind").data["weight"]
    assert after - answer.data["weight"] == Decimal("2.5")
    assert answer.headers["x-metersim-request-id"]
    assert caller.get("/nowhere").data == {"error": "Unknown path: /nowhere"}
    assert caller.with_token(None).get("/parcels/cust_northwind").status == 401
    # Its refusals are held to its document too, which knows no 404 of this operation.
    assert "404 is not documented" in caller.get("/parcels/nobody").data["error"]


def test_it_is_served_over_a_socket_and_a_reply_without_body_has_none(install: Install) -> None:
    install()
    headers = {"authorization": "Bearer metersim-token"}
    with Simulator() as sim, httpx.Client(base_url=sim.parcels.url, headers=headers) as client:
        for _ in range(2):  # on one connection, which anything left over would break
            taken = client.post("/parcels", json={"weight": 1})
            assert (taken.status_code, taken.content) == (204, b"")
            assert "content-type" not in taken.headers
            assert client.get("/parcels/cust_northwind").json()["weight"] > 0


def test_the_command_line_knows_it(tmp_path: Path, install: Install) -> None:
    install()
    listed = subprocess.run(
        [sys.executable, "-m", "metersim", "vendors", "--json"],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "parcels" in json.dumps(json.loads(listed.stdout))


def test_ours_are_found_in_order_of_name() -> None:
    assert list(installed_vendors()) == OURS
    for name, vendor in installed_vendors().items():
        assert vendor.name == name
        assert vendor.contract is vendor.contract


@pytest.mark.parametrize("name", ["metronome", "s", "__admin"])
def test_a_name_that_is_taken_stops_the_start(install: Install, name: str) -> None:
    install(source=DECLARATION.replace('name="parcels"', f'name="{name}"'))
    with pytest.raises(ContractError, match=f"vendor name '{name}' is taken"):
        installed_vendors()


def test_one_name_from_two_distributions_stops_the_start(install: Install) -> None:
    install("acme_vendors")
    install("other_vendors")
    with pytest.raises(ContractError, match=r"vendor name 'parcels' is taken \(from \w+_vendors\)"):
        installed_vendors()


@pytest.mark.parametrize("source", ["", "VENDOR = None", "VENDOR = {'name': 'parcels'}"])
def test_a_package_that_declares_no_vendor_stops_the_start(install: Install, source: str) -> None:
    install(source=source)
    with pytest.raises(ContractError, match=r"acme_vendors\.parcels: expected a VENDOR of type"):
        installed_vendors()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("no_such_package", "'no_such_package' cannot be imported: No module named"),
        ("acme_vendors:VENDOR", "'acme_vendors:VENDOR' cannot be imported"),
        ("json.decoder", "json.decoder: expected a package of vendors, found a module"),
    ],
)
def test_an_entry_point_to_no_package_stops_the_start(
    tmp_path: Path, install: Install, value: str, said: str
) -> None:
    name_installed(tmp_path, "acme_vendors", value)
    with pytest.raises(ContractError) as refused:
        installed_vendors()
    assert said in str(refused.value)


def test_a_vendor_that_cannot_be_imported_stops_the_start(install: Install) -> None:
    install(source="import no_such_module")
    with pytest.raises(ContractError, match="'acme_vendors.parcels' cannot be imported: No module"):
        installed_vendors()


def test_a_document_that_is_not_understood_stops_the_start(install: Install) -> None:
    install(spoken=document(webhooks={}))
    with pytest.raises(ContractError, match=r"parcels\.yaml:\d+: webhooks: is not handled"):
        set_up("default")


def test_an_operation_without_behaviour_stops_the_start_and_is_named(tmp_path: Path) -> None:
    declared = parcels(tmp_path)
    behaviours = {"getParcle": declared.behaviours["getParcel"]}
    vendor = replace(declared, behaviours=behaviours, not_simulated={"createParcel": "why"})
    with pytest.raises(ContractError) as refused:
        vendor.contract  # noqa: B018
    assert str(refused.value) == (
        f"vendor parcels ({tmp_path}/parcels.yaml): the document's 'getParcel' has no behaviour; "
        "did you mean 'getParcle'? allowed: createParcel, getParcle"
    )


@pytest.mark.parametrize("part", ["behaviours", "not_simulated"])
def test_behaviour_without_an_operation_stops_the_start_and_is_named(
    tmp_path: Path, part: str
) -> None:
    more = {**getattr(parcels(tmp_path), part), "getParcels": lambda call, world: None}
    with pytest.raises(ContractError, match="'getParcels' is no operation of the document") as no:
        parcels(tmp_path, **{part: more}).contract  # noqa: B018
    assert "did you mean 'getParcel'?" in str(no.value)


def test_of_what_is_missing_the_first_by_name_is_told_in_every_process(tmp_path: Path) -> None:
    rule = Rule("PARCELS-01", "A parcel", (Basis.ASSUMED,), "none", Effect.READ, tuple("hgfedcba"))
    with pytest.raises(ContractError, match="rule PARCELS-01 is about 'a'"):
        replace(parcels(tmp_path), rules=(rule,)).contract  # noqa: B018
    behaviours = {**parcels(tmp_path).behaviours, **dict.fromkeys("hgfedcba", create_parcel)}
    with pytest.raises(ContractError, match="'a' is no operation of the document"):
        parcels(tmp_path, behaviours).contract  # noqa: B018


def test_a_rule_about_no_operation_stops_the_start_and_is_named(tmp_path: Path) -> None:
    unknown = ("getParcle",)
    rule = Rule("PARCELS-01", "A parcel weighs", (Basis.ASSUMED,), "none", Effect.READ, unknown)
    with pytest.raises(ContractError, match="rule PARCELS-01 is about 'getParcle'; did you mean"):
        replace(parcels(tmp_path), rules=(rule,)).contract  # noqa: B018
    about = replace(rule, operations=("getParcel",))
    assert replace(parcels(tmp_path), rules=(about,)).contract.title == "Parcels"
