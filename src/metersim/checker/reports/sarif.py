"""SARIF 2.1.0, which code-scanning services read: a rule for each law, a result for each break."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from http import HTTPStatus

from metersim.reading import Json, read_file
from metersim.simulation.vendor import Vendor, installed_vendors

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def sarif(told: Json) -> Json:
    """One run; each result stands at its operation in the vendor's document."""
    vendor = installed_vendors()[told["vendor"]]
    rules = [_rule(each) for each in told["rules"]]
    checks = sorted({each["check"] for each in told["schema"]})
    rules += [_check_rule(each) for each in checks]
    results = [_result(each) for each in told["rules"] if each["verdict"] == "broken"]
    results += [_departure(each) for each in told["schema"]]
    places = _Places(vendor)
    places_by_id = {rule["id"]: index for index, rule in enumerate(rules)}
    for result in results:
        result["ruleIndex"] = places_by_id[result["ruleId"]]
        # One location is where it is shown; the others would each stand for a break of their own.
        first, *others = result.pop("operations") or [""]
        result["locations"] = [places.location(first)]
        if others:
            result["relatedLocations"] = [places.location(each) for each in others]
    run = {
        "tool": {"driver": {"name": "metersim", "version": told["metersim"], "rules": rules}},
        "automationDetails": {"id": f"metersim/{vendor.name}/"},
        "invocations": [_invocation(told)],
        "results": results,
        "properties": {key: told[key] for key in ("url", "seed", "index", "score", "calls")},
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(verdict: Json) -> Json:
    assumed = verdict["bases"] == ["assumed"]
    law = {"text": verdict["statement"]}
    return {
        "id": verdict["id"],
        "shortDescription": law,
        "fullDescription": {"text": f"{verdict['statement']}. Source: {verdict['source']}."},
        "help": {"text": f"Check it alone: {verdict['repeat']}"},
        "defaultConfiguration": {"level": "note" if assumed else "error"},
        "properties": {
            "basis": verdict["bases"],
            "source": verdict["source"],
            "effect": verdict["effect"],
            "standing": verdict["verdict"],
        },
    }


def _check_rule(check: str) -> Json:
    law = {"text": f"A reply is what the OpenAPI document allows: {check}."}
    return {
        "id": check,
        "shortDescription": law,
        "fullDescription": law,
        "help": {"text": "The document says what each operation may answer."},
        "defaultConfiguration": {"level": "error"},
    }


def _result(verdict: Json) -> dict[str, Json]:
    *_, last = verdict["exchanges"] or [None]
    message = f"{verdict['statement']}: expected {verdict['expected']}; found {verdict['found']}"
    return {
        "ruleId": verdict["id"],
        "level": "note" if verdict["basis"] == "assumed" and not verdict["counts"] else "error",
        "operations": verdict["operations"],
        "partialFingerprints": _fingerprint(verdict["id"]),
        **_shown(message, last, verdict["repeat"]),
        **_suppressed(verdict["waived"]),
    }


def _departure(departure: Json) -> dict[str, Json]:
    exchange = departure["exchange"]
    # Not by its message: what was found may differ each time.
    marks = (departure["check"], departure["operation"], str(exchange["status"]))
    return {
        "ruleId": departure["check"],
        "level": "error" if departure["counts"] or departure["waived"] else "note",
        "operations": [departure["operation"]],
        "partialFingerprints": _fingerprint(*marks),
        **_shown(f"{departure['operation']}: {departure['message']}", exchange),
        **_suppressed(departure["waived"]),
    }


def _shown(message: str, exchange: Json | None, again: str = "") -> dict[str, Json]:
    """What is said of it, and the exchange that shows it."""
    lines = [message, exchange and exchange["curl"], again and f"Again: {again}"]
    # So spelt, brackets and parentheses would be a link, and its address whatever a reply says.
    text = "\n".join(filter(None, lines)).replace("](", "] (")
    if exchange is None:
        return {"message": {"text": text}}
    asked = {"target": exchange["url"], "method": exchange["method"]}
    answered = {
        "statusCode": exchange["status"],
        "reasonPhrase": _PHRASES.get(exchange["status"], ""),
        "headers": exchange["headers"],
        "body": {"text": exchange["reply"]},
    }
    if exchange["request"]:
        asked["body"] = {"text": exchange["request"]}
    return {"message": {"text": text}, "webRequest": asked, "webResponse": answered}


def _suppressed(waived: str | None) -> dict[str, Json]:
    if waived is None:
        return {}
    return {
        "suppressions": [{"kind": "external", "status": "accepted", "justification": waived}],
    }


def _fingerprint(*marks: str) -> Mapping[str, str]:
    digest = sha256("\0".join(marks).encode(errors="replace")).hexdigest()
    # The name is the one that code-scanning services look for; what follows the colon is theirs.
    return {"primaryLocationLineHash": f"{digest[:16]}:1"}


def _invocation(told: Json) -> Json:
    invocation: dict[str, Json] = {
        "executionSuccessful": told["exit_code"] != 2,
        "exitCode": told["exit_code"],
        "commandLine": told["again"],
    }
    notices = [("error", each) for each in (told["stopped"], *told["expired"]) if each]
    notices += [("note", each) for each in told["idle"]]
    if notices:
        invocation["toolExecutionNotifications"] = [
            {"level": level, "message": {"text": notice}} for level, notice in notices
        ]
    return invocation


class _Places:
    """Where the operations stand in a vendor's document, by id, and by method and path."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._lines = dict(self._found())

    def _found(self) -> Iterator[tuple[str, int]]:
        source = read_file(self._vendor.document)
        for operation in self._vendor.contract.operations.values():
            _, line = source.place(("paths", operation.path, operation.method.lower()))
            yield from ((name, line) for name in operation.names)

    def location(self, operation: str) -> Json:
        vendor = self._vendor.name
        name = operation or vendor
        return {
            "physicalLocation": {
                "artifactLocation": {"uri": f"openapi/{vendor}.yaml"},
                "region": {"startLine": self._lines.get(operation, 1)},
            },
            "logicalLocations": [
                {"name": name, "fullyQualifiedName": f"{vendor}.{name}", "kind": "function"}
            ],
        }
