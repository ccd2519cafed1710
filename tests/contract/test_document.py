"""Documents that are refused: each refusal names the file, the line, the place and a remedy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from metersim.contract.document import load
from metersim.errors import ContractError
from tests.contract.documents import ASSUMED, SOUND, changed, loaded, without

GET = "paths /parcels/{id} get"
POST = "paths /parcels post"
DRY_RUN = f"{POST} parameters 0"
PARCEL = "components schemas Parcel"
WEIGHT = f"{PARCEL} properties weight"
REPLY = "components responses Parcel"
HEADER = {"schema": {"type": "string"}, **ASSUMED}
LIST = {"type": "array", "items": {"type": "string"}}
QUERY = {"name": "dryRun", "in": "query", "explode": False, **ASSUMED}


def refusal(folder: Path, document: object) -> str:
    """What is said of the document, after ``parcels.yaml:LINE: ``."""
    with pytest.raises(ContractError) as refused:
        loaded(folder, document)
    said = str(refused.value)
    found = re.match(rf"{re.escape(str(folder))}/parcels\.yaml:([0-9]+): ", said)
    assert found, said
    return said[found.end() :]


def test_the_sound_document_is_sound(tmp_path: Path) -> None:
    contract = loaded(tmp_path, SOUND)
    assert contract.title == "Parcels"
    assert sorted(contract.operations) == ["createParcel", "getParcel"]


def test_a_refusal_names_the_line(tmp_path: Path) -> None:
    document = changed(f"{WEIGHT} maxLenght", 3)
    with pytest.raises(ContractError) as refused:
        loaded(tmp_path, document)
    lines = (tmp_path / "parcels.yaml").read_text().splitlines()
    number = next(n for n, line in enumerate(lines, 1) if "maxLenght" in line)
    assert str(refused.value).startswith(f"{tmp_path}/parcels.yaml:{number}: components.schemas.")
    assert "'maxLength'?" in str(refused.value)


# The place of what is added to the sound document, its value, and what is said of it.
UNHANDLED: list[tuple[str, object, str]] = [
    ("openapi", "3.0.3", "openapi: expected an OpenAPI 3.1 document"),
    ("openapi", None, "openapi: expected an OpenAPI 3.1 document"),
    ("webhooks", {}, "webhooks: is not handled; allowed: "),
    ("pahts", {}, "pahts: is not handled; did you mean 'paths'?"),
    ("info", "Parcels", "info: expected an object, found 'Parcels'"),
    ("paths", [], "paths: expected an object, found '[]'"),
    ("components", [], "components: expected an object"),
    ("components schemas", [], "components.schemas: expected an object"),
    ("paths /parcels/{id} servers", [], "paths./parcels/{id}.servers: is not handled"),
    ("paths /parcels", None, "paths./parcels: expected an object, found 'None'"),
    (f"{GET} callbacks", {}, "paths./parcels/{id}.get.callbacks: is not handled"),
    (f"{GET} operationID", "x", "operationID: is not handled; did you mean 'operationId'?"),
    (f"{GET} x-basis", "guessed", "paths./parcels/{id}.get.x-basis: found 'guessed'; "),
    (f"{GET} x-basis", "documentd", "did you mean 'documented'?"),
    (f"{GET} operationId", "createParcel", "'createParcel' is the operationId of /parcels"),
    (f"{GET} parameters", {}, "get.parameters: expected a list, found '{}'"),
    (f"{GET} responses default", HEADER, "expected a status code, found 'default'"),
    (f"{GET} responses 2XX", HEADER, "expected a status code, found '2XX'"),
    (f"{GET} responses 200 $ref", "#/components/responses/Parcels", "did you mean 'Parcel'?"),
    (f"{GET} responses 200 $ref", "other.yaml#/Parcel", "reference to nowhere: 'other.yaml#/Par"),
    (f"{GET} responses 200 $ref", "components/responses/Parcel", "reference to nowhere: 'comp"),
    (f"{GET} responses 200 $ref", "#/info/title/x", "reference to nowhere: '#/info/title/x'"),
    (f"{GET} responses 200 $ref", 5, "reference to nowhere: '5'"),
    (f"{REPLY} contents", {}, "is not handled; did you mean 'content'?"),
    (f"{REPLY} content application/json encoding", {}, "application/json.encoding: is not handled"),
    (f"{REPLY} headers", {"X-A": {**HEADER, "explode": True}}, "X-A.explode: is not handled"),
    (f"{REPLY} headers", {"X-A": {**HEADER, "required": True}}, "X-A.required: a required header"),
    (f"{REPLY} headers", {"X-A": {**HEADER, "schema": {"typ": 1}}}, "schema.typ: is not handled"),
    (f"{REPLY} headers", {"X-A": {"schema": {"type": "array"}, **ASSUMED}}, "only a text, a num"),
    (f"{POST} requestBody example", {}, "requestBody.example: is not handled"),
    (f"{POST} requestBody content", {}, "content: only application/json is handled in a request"),
    (f"{POST} requestBody content text/csv", {"schema": {}}, "only application/json is handled"),
    (f"{DRY_RUN} allowReserved", True, "parameters.0.allowReserved: is not handled"),
    (f"{DRY_RUN} in", "header", "parameters.0.in: 'header' is not handled; allowed: path, query"),
    (f"{DRY_RUN} in", "cookie", "parameters.0.in: 'cookie' is not handled"),
    (f"{DRY_RUN} style", "deepObject", "parameters.0.style: only 'form' is handled"),
    (f"{DRY_RUN} schema", {"type": "object"}, "parameters.0: only a list of strings"),
    (f"{DRY_RUN} schema", LIST, "parameters.0: only a list of strings with `explode: false`"),
    (DRY_RUN, {**QUERY, "schema": {**LIST, "items": {"type": "integer"}}}, "only a list of str"),
    (
        "components parameters Id name",
        "number",
        "path parameter 'id' is not declared; allowed: number",
    ),
    ("components parameters Id in", "query", "path parameter 'id' is not declared; allowed: none"),
    (f"{DRY_RUN} in", "path", "path parameter 'dryRun' is not in the path; allowed: none"),
    ("paths parcels", {}, "paths.parcels: expected segments of plain text or {parameter}"),
    ("paths /parcels.{format}", {}, "/parcels.{format}: expected segments of plain text"),
    ("paths /parcels/{number}", {}, "/parcels/{number}: is the path of another entry too"),
    ("security", [{"bearer": [], "key": []}], "security.0: schemes that are needed together"),
    ("security", [{"bear": []}], "security scheme 'bear'; did you mean 'bearer'?"),
    ("security", {}, "security: expected a list, found '{}'"),
    ("components securitySchemes bearer scheme", "digest", "only bearer, basic and a key in a hea"),
    ("components securitySchemes bearer type", "oauth2", "bearer: only bearer, basic and a key"),
    ("components securitySchemes bearer flows", {}, "bearer.flows: is not handled"),
    (f"{PARCEL} unevaluatedProperties", False, "Parcel.unevaluatedProperties: is not handled"),
    (f"{WEIGHT} minLenght", 1, "weight.minLenght: is not handled; did you mean 'minLength'?"),
    (f"{WEIGHT} format", "int32", "weight.format: 'int32' is not handled; "),
    (f"{WEIGHT} format", "datetime", "'datetime' is not handled; did you mean 'date-time'?"),
    (f"{WEIGHT} type", "numbr", "components.schemas.Parcel.properties.weight.type: is no JSON Sch"),
    (f"{WEIGHT} pattern", "(", "weight.pattern: is no JSON Schema"),
    (f"{WEIGHT} x-basis", None, "weight.x-basis: found None; allowed: assumed"),
    (f"{WEIGHT} x-assumed", ["minimun"], "weight.x-assumed.0: 'minimun' is not there; "),
    (f"{WEIGHT} x-assumed", "type", "weight.x-assumed: expected a list, found 'type'"),
    (f"{PARCEL} properties", [], "Parcel.properties: expected an object, found '[]'"),
    (f"{PARCEL} properties weight", True, "properties.weight: expected an object, found 'True'"),
    (f"{PARCEL} anyOf", {}, "Parcel.anyOf: expected a list"),
    (f"{PARCEL} anyOf", [{"weigth": 1}], "Parcel.anyOf.0.weigth: is not handled"),
    (f"{PARCEL} not", {"$ref": "#/components/schemas/Parcl"}, "Parcel.not: reference to nowhere"),
    (
        f"{PARCEL} items",
        {"$ref": "#/components/responses/Parcel"},
        "expected a schema under #/comp",
    ),
    (f"{PARCEL} additionalProperties", "no", "additionalProperties: expected an object"),
]


@pytest.mark.parametrize(("path", "value", "said"), UNHANDLED, ids=lambda each: str(each)[:60])
def test_what_is_not_handled_stops_the_start(
    tmp_path: Path, path: str, value: object, said: str
) -> None:
    assert said in refusal(tmp_path, changed(path, value))


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("info", "info: is required"),
        ("info title", "info.title: is required"),
        ("paths", "paths: is required"),
        (f"{GET} operationId", "get.operationId: is required"),
        (f"{GET} responses", "get.responses: is required"),
        (f"{GET} x-basis", "get.x-basis: found None"),
        (f"{REPLY} x-basis", "components.responses.Parcel.x-basis: found None"),
        (f"{REPLY} content application/json schema", "application/json.schema: is required"),
        (f"{POST} requestBody content", "requestBody.content: is required"),
        (f"{POST} requestBody x-basis", "requestBody.x-basis: found None"),
        (f"{DRY_RUN} name", "parameters.0.name: is required"),
        (f"{DRY_RUN} in", "parameters.0.in: is required"),
        (f"{DRY_RUN} schema", "parameters.0.schema: is required"),
        (f"{DRY_RUN} x-basis", "parameters.0.x-basis: found None"),
        ("components parameters Id", "reference to nowhere: '#/components/parameters/Id'"),
        ("components securitySchemes bearer type", "bearer.type: is required"),
        ("components securitySchemes bearer x-basis", "bearer.x-basis: found None"),
        ("components schemas Parcel x-basis", "schemas.Parcel.x-basis: found None"),
        ("components securitySchemes", "security scheme 'bearer'; allowed: none"),
        ("components schemas", "reference to nowhere: '#/components/schemas/Parcel'"),
        (f"{WEIGHT} x-basis", "weight.x-basis: found None"),
    ],
)
def test_what_is_missing_stops_the_start(tmp_path: Path, path: str, said: str) -> None:
    assert said in refusal(tmp_path, without(path))


def test_references_in_a_circle_stop_the_start(tmp_path: Path) -> None:
    circle = {"$ref": "#/components/schemas/Parcel"}
    assert "reference in a circle" in refusal(tmp_path, changed(PARCEL, circle))
    other = changed("components parameters", {"Id": {"$ref": "#/components/parameters/Other"}})
    other["components"]["parameters"]["Other"] = {"$ref": "#/components/parameters/Id"}
    assert "reference in a circle" in refusal(tmp_path, other)


@pytest.mark.parametrize("scheme", [{"in": "query"}, {"in": "cookie"}, {}])
def test_a_key_anywhere_but_in_a_header_stops_the_start(
    tmp_path: Path, scheme: dict[str, str]
) -> None:
    key = {"type": "apiKey", "name": "key", **scheme, **ASSUMED}
    said = refusal(tmp_path, changed("components securitySchemes bearer", key))
    assert "only bearer, basic and a key in a header are handled" in said


def test_a_key_without_the_name_of_its_header_stops_the_start(tmp_path: Path) -> None:
    key = {"type": "apiKey", "in": "header", **ASSUMED}
    said = refusal(tmp_path, changed("components securitySchemes bearer", key))
    assert said == "components.securitySchemes.bearer.name: is required"


@pytest.mark.parametrize("document", [[], "openapi", None, 3])
def test_anything_but_an_object_is_no_document(tmp_path: Path, document: object) -> None:
    assert refusal(tmp_path, document).startswith("document: expected an object, found ")


def test_a_file_that_is_no_yaml_is_no_document(tmp_path: Path) -> None:
    path = tmp_path / "parcels.yaml"
    path.write_text("openapi: 3.1.0\n\tinfo: {}\n")
    with pytest.raises(ContractError, match=r"parcels\.yaml:2: not YAML"):
        load(path)
    with pytest.raises(ContractError, match="cannot be read"):
        load(tmp_path / "nowhere.yaml")


def test_a_document_needs_no_components(tmp_path: Path) -> None:
    document: dict[str, Any] = {
        "openapi": "3.1.1",
        "info": {"title": "Bare"},
        "paths": {"/": {"get": {"operationId": "root", **ASSUMED, "responses": {}}}},
    }
    contract = loaded(tmp_path, document)
    assert contract.operations["root"].public
    assert contract.match("/") is not None


@pytest.mark.parametrize("keyword", ["additionalProperties", "items", "not"])
@pytest.mark.parametrize("value", [True, False, {}])
def test_a_schema_within_a_schema_may_be_a_boolean(
    tmp_path: Path, keyword: str, value: object
) -> None:
    assert loaded(tmp_path, changed(f"{PARCEL} {keyword}", value)).operations


def test_a_schema_may_contain_itself(tmp_path: Path) -> None:
    inside = {"$ref": "#/components/schemas/Parcel"}
    contract = loaded(tmp_path, changed(f"{PARCEL} properties inside", inside))
    nested = {"weight": 1, "inside": {"weight": 1, "inside": {"weight": "heavy"}}}
    (violation,) = contract.operations["getParcel"].judge_reply(200, "application/json", nested)
    assert str(violation) == 'body.inside.inside.weight: expected number, found "heavy"'


def test_headers_of_a_reply_may_be_described(tmp_path: Path) -> None:
    headers = {"X-Page": HEADER, "X-Id": {"$ref": "#/components/headers/Id"}}
    document = changed(f"{REPLY} headers", headers)
    document["components"]["headers"] = {"Id": HEADER}
    assert loaded(tmp_path, document).operations
