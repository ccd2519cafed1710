"""A vendor of two operations, and a caller that takes the pipeline's steps with it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from metersim.reading import Json
from metersim.scenario import load_scenario
from metersim.simulation.call import Call, Reply, Request
from metersim.simulation.pipeline import answer
from metersim.simulation.problems import Problem
from metersim.simulation.vendor import Behaviour, Vendor
from metersim.world.world import World
from tests.contract.documents import ASSUMED, SOUND

REFUSAL = {
    "description": "Refused.",
    **ASSUMED,
    "content": {
        "application/json": {
            "schema": {
                "required": ["error"],
                "properties": {"error": {"type": "string", **ASSUMED}},
            }
        }
    },
}
TOKEN = {"authorization": "Bearer metersim-token"}
JSON = {**TOKEN, "content-type": "application/json"}


def document(**more: Any) -> dict[str, Any]:
    """The sound document with refusals; creating a parcel needs a right."""
    found = deepcopy(SOUND)
    for path, method in (("/parcels/{id}", "get"), ("/parcels", "post")):
        operation = found["paths"][path][method]
        operation["responses"] |= {str(status): REFUSAL for status in (400, 401, 403, 413, 415)}
    found["paths"]["/parcels"]["post"]["security"] = [{"bearer": ["parcels:write"]}]
    return {**found, **more}


def get_parcel(call: Call, world: World) -> Reply:
    return Reply({"weight": Decimal("1.50"), "id": call.path["id"]})


def create_parcel(call: Call, world: World) -> Reply:
    return Reply(None, 204)


def problem_body(problem: Problem, call_id: str) -> Json:
    return {"error": problem.detail, "fields": problem.fields, "call": call_id}


def parcels(folder: Path, behaviours: Mapping[str, Behaviour] | None = None, **more: Any) -> Vendor:
    """The vendor, its document in the folder; some behaviours, or other parts, replaced."""
    path = folder / "parcels.yaml"
    path.write_text(yaml.safe_dump(more.pop("document", document())))
    declared: dict[str, Any] = {
        "name": "parcels",
        "title": "Parcels",
        "document": path,
        "behaviours": {
            "getParcel": get_parcel,
            "createParcel": create_parcel,
            **(behaviours or {}),
        },
        "problem_body": problem_body,
    }
    return Vendor(**{**declared, **more})


def world() -> World:
    return World(load_scenario("docs-metronome").open())


def get(vendor: Vendor, path: str = "/parcels/7", query: str = "", **headers: str) -> Reply:
    """Ask for a parcel, with a token unless headers are given."""
    return answer(vendor, Request("GET", path, query, headers or TOKEN), world(), "call-1")


def post(
    vendor: Vendor, body: bytes | None, query: str = "", headers: Mapping[str, str] = JSON
) -> Reply:
    """Create a parcel."""
    return answer(vendor, Request("POST", "/parcels", query, headers, body), world(), "call-1")
