"""A small OpenAPI document that is sound, and ways to spoil it."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from metersim.contract.document import Contract, load

ASSUMED = {"x-basis": "assumed"}

SOUND: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Parcels", "version": "1"},
    "security": [{"bearer": ["parcels:read"]}],
    "paths": {
        "/parcels/{id}": {
            "parameters": [{"$ref": "#/components/parameters/Id"}],
            "get": {
                "operationId": "getParcel",
                **ASSUMED,
                "responses": {"200": {"$ref": "#/components/responses/Parcel"}},
            },
        },
        "/parcels": {
            "post": {
                "operationId": "createParcel",
                **ASSUMED,
                "x-strict-query": True,
                "security": [],
                "parameters": [
                    {"name": "dryRun", "in": "query", **ASSUMED, "schema": {"type": "boolean"}}
                ],
                "requestBody": {
                    "required": True,
                    **ASSUMED,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}
                    },
                },
                "responses": {"204": {"description": "Taken.", **ASSUMED}},
            },
        },
    },
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", **ASSUMED}},
        "parameters": {
            "Id": {
                "name": "id",
                "in": "path",
                "required": True,
                **ASSUMED,
                "schema": {"type": "string"},
            }
        },
        "responses": {
            "Parcel": {
                "description": "A parcel.",
                **ASSUMED,
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}
                },
            }
        },
        "schemas": {
            "Parcel": {
                "type": "object",
                "required": ["weight"],
                "properties": {"weight": {"type": "number", **ASSUMED}},
                **ASSUMED,
            }
        },
    },
}


def changed(path: str, value: object) -> dict[str, Any]:
    """The sound document with another value at a path, whose steps are parted by blanks."""
    document, holder, key = _place(path)
    holder[key] = value
    return document


def without(path: str) -> dict[str, Any]:
    """The sound document without what stands at a path."""
    document, holder, key = _place(path)
    del holder[key]
    return document


def _place(path: str) -> tuple[dict[str, Any], Any, Any]:
    document = deepcopy(SOUND)
    holder: Any = document
    *steps, last = path.split()
    for step in steps:
        holder = holder[int(step) if isinstance(holder, list) else step]
    return document, holder, int(last) if isinstance(holder, list) else last


def loaded(folder: Path, document: object) -> Contract:
    """The document, compiled from a file ``parcels.yaml``."""
    path = folder / "parcels.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    return load(path)
