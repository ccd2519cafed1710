"""Every route of the control plane, asked with the example of its document, and what it answered.

Each is asked in a session of its own, in which the same little has happened before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from starlette.testclient import TestClient

from metersim.bundled import bundled
from metersim.reading import read_file
from metersim.server import set_up

_TOKEN = {"Authorization": "Bearer metersim-token"}
_ADMIN = {"Authorization": "Bearer admin-token"}
_BASE = "http://127.0.0.1:8640"
# It never ends, so the document's own example stands for it.
_ENDLESS = "streamRequests"
# Of a line, so many characters; of a structure, so many levels; of a text, so many lines.
_WIDE, _DEEP, _LONG = 96, 3, 8


def control_plane() -> str:
    """A chapter for each tag of the document, and in it a section for each of its routes."""
    document = read_file(bundled("openapi") / "control.yaml").data
    chapters: dict[str, list[str]] = {
        tag["name"]: [f"## {tag['name']}", tag["description"]] for tag in document["tags"]
    }
    application = set_up("default", admin_token="admin-token").application
    client = TestClient(application.asgi, base_url=_BASE, client=("127.0.0.1", 50_000))
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "operationId" in operation:
                told = _section(client, method.upper(), path, operation)
                chapters[operation["tags"][0]] += told
    return "\n\n".join(part for parts in chapters.values() for part in parts)


def _section(client: TestClient, method: str, path: str, operation: Any) -> Iterator[str]:
    yield f"### {method} {path[1:]}"
    yield f"{operation['summary']} {' '.join(operation['description'].split())}"
    body = _example(operation.get("requestBody", {}))
    name = f"of-{operation['operationId']}"
    path = _happened(client, f"/s/{name}", path, adds_it=operation["operationId"] == "addFault")
    if operation["operationId"] == _ENDLESS:
        answer = _example(operation["responses"]["200"])
    else:
        content = "" if body is None else json.dumps(body)
        reply = client.request(method, f"/s/{name}{path}", content=content, headers=_ADMIN)
        assert reply.status_code == 200, (operation["operationId"], reply.text)
        is_json = "json" in reply.headers["content-type"]
        answer = json.loads(reply.text, parse_float=_marked) if is_json else reply.text
    told = _shown(answer).replace(f"/s/{name}", "").replace(name, "default")
    yield f"```console\n{_asked(method, path, body)}\n{told}\n```"


def _happened(client: TestClient, session: str, path: str, *, adds_it: bool) -> str:
    """Make the calls that the route is about, and put the names of what came of them into it."""
    span = {"startDate": "2026-03-01T00:00:00Z", "endDate": "2026-03-08T00:00:00Z"}
    cost = {**span, "externalCustomerId": "cust_northwind"}
    admin = f"{session}/__admin"
    client.post(f"{admin}/snapshots", json={"name": "before-payment"}, headers=_ADMIN)
    reply = client.post(f"{session}/monk/v1/usage/cost", json=cost, headers=_TOKEN)
    client.get(f"{session}/monk/v1/usage", headers=_TOKEN)
    fault = {"id": "busy", "vendor": "metronome", "times": 1, "problem": {"status": 429}}
    path = path.replace("{name}", "before-payment")
    if not adds_it:
        client.post(f"{admin}/faults", json=fault, headers=_ADMIN)
    is_fault = path.startswith("/faults")
    name = "busy" if is_fault else reply.headers["x-metersim-request-id"]
    return f"/__admin{path.replace('{id}', name)}"


def _example(part: Any) -> Any:
    """The first example of a request body or a response, or None."""
    for media in part.get("content", {}).values():
        return next(iter(media["examples"].values()))["value"]
    return None


def _asked(method: str, path: str, body: Any) -> str:
    """The call as it is typed, with the token in ``$ADMIN``."""
    verb = "" if method == "GET" else f" -X {method}"
    data = "" if body is None else f" \\\n    -d '{json.dumps(body)}'"
    return f'$ curl{verb} -H "Authorization: Bearer $ADMIN"{data} \\\n    {_BASE}{path}'


def _shown(answer: Any) -> str:
    if isinstance(answer, str):
        lines = answer.strip().splitlines()
        return "\n".join([*lines[:_LONG], *(["…"] if len(lines) > _LONG else [])])
    return re.sub(r'"decimal ([^"]+)"', r"\1", _laid_out(answer))


def _marked(spelt: str) -> str:
    """A decimal as text, since a float would be spelt in another way."""
    return f"decimal {spelt}"


def _laid_out(value: Any, indent: int = 0) -> str:
    """JSON in few lines: on one where it fits, of a list the first items, and not too deep."""
    text = json.dumps(value, ensure_ascii=False)
    if 2 * indent + len(text) <= _WIDE:
        return text
    margin = "  " * (indent + 1)
    if isinstance(value, dict) and indent < _DEEP:
        parts = [f'"{key}": {_laid_out(each, indent + 1)}' for key, each in value.items()]
    elif isinstance(value, list) and indent < _DEEP:
        parts = [_laid_out(each, indent + 1) for each in value[:1]]
        parts += ["…"] if len(value) > 1 else []
    else:
        return "{…}" if isinstance(value, dict) else "[…]" if isinstance(value, list) else '"…"'
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f",\n{margin}".join(parts).join((f"{opening}\n{margin}", f"\n{margin[:-2]}{closing}"))
