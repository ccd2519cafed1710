"""What a failed check of Schemathesis's is worth: nothing, a notice, or a failure."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote

from metersim.checker.conformance import basis_of, departures
from metersim.contract.exchange import Asked, Exchange
from metersim.contract.operation import Operation
from metersim.contract.rule import Basis
from metersim.exact_json import decode

# Which methods a path has beside those that its document names, nobody publishes.
_NEVER = {"unsupported_method", "allow_header_conformance"}
# What a refusal proves nothing by. Which span is too long or which name unknown no schema says;
# that a call without a token is refused is all there is to see: how, the rule book says.
_SETTLED_BY_REFUSAL = {
    *("ignored_auth", "missing_required_header"),
    *("negative_data_rejection", "positive_data_acceptance"),
}
# What our own reading of the document judges too, and on whose word.
_CONFORMANCE = {
    *("content_type_conformance", "response_headers_conformance"),
    *("response_schema_conformance", "status_code_conformance"),
}
# How HTTP itself refuses a call, before any API is asked: by its method, size, type or age.
_BY_HTTP = {405, 406, 408, 411, 413, 414, 415, 417, 421, 426, 431}
# A year that nobody bills, and that many a library cannot even spell.
_BEFORE_BILLING = re.compile(r"(?<!\d)0\d{3}-\d\d-\d\d")
# What many a server refuses by itself, in a form of its own: in a path an empty or a relative step,
# a parameter, an encoded character of ASCII; anywhere a control character, or one no URL may hold;
# in a header what is no printable ASCII.
_ODD_PATH = re.compile(r"//|/\.{1,2}(/|$)|;|%[0-7]")
_ODD = re.compile(r"%[01].|%7F|[^!#-;=?-Z_a-z~]", re.IGNORECASE)


def weighed(check: str, exchange: Exchange) -> Basis | None:
    """On whose word a failed check stands; None where it says nothing against the target."""
    if _is_settled(check, exchange):
        return None
    if check == "negative_data_rejection":
        # Whether what only we forbid is refused or let pass is nobody's word; of what others
        # forbid, nobody publishes that it is refused.
        return None if trespasses(exchange) <= {Basis.ASSUMED} else Basis.ASSUMED
    asked = unquote(exchange.asked.target) + exchange.asked.content.decode(errors="replace")
    if _BEFORE_BILLING.search(asked):
        return Basis.ASSUMED
    return _conforming(exchange) if check in _CONFORMANCE else Basis.DOCUMENTED


def _is_settled(check: str, exchange: Exchange) -> bool:
    """Whether what came back is all that the check could ask for, or told by another one."""
    operation, status = exchange.operation, exchange.status
    if check in _NEVER or 400 <= status < 500 and check in _SETTLED_BY_REFUSAL:
        return True
    if check == "not_a_server_error":
        # How a server tells that it knows no such method, of any path; and a documented outage.
        if operation is None:
            return status == 501
        return status == 503 and status in operation.responses
    if check not in _CONFORMANCE:
        return False
    # Of what is no operation nothing is promised, and a crash is told as one.
    if operation is None or status >= 500 and status != 503:
        return True
    return status in _BY_HTTP and basis_of(operation, status) is Basis.ASSUMED


def _conforming(exchange: Exchange) -> Basis:
    """On whose word a reply of an operation is another than the document says."""
    assert exchange.operation is not None
    if basis_of(exchange.operation, exchange.status) is Basis.ASSUMED:
        return Basis.ASSUMED
    if exchange.succeeded and trespasses(exchange):
        # What no document allows to be asked, none says the answer of.
        return Basis.ASSUMED
    if 400 <= exchange.status < 500 and _is_odd(exchange.asked):
        return Basis.ASSUMED
    bases = {each.basis for each in departures(exchange)} | _of_headers(exchange)
    return Basis.ASSUMED if bases == {Basis.ASSUMED} else Basis.DOCUMENTED


def _of_headers(exchange: Exchange) -> set[Basis]:
    """On whose words the reply's headers are none that the document allows."""
    assert exchange.operation is not None
    found = exchange.operation.judge_reply(exchange.status, "", None, exchange.headers)
    return {Basis(each.basis or Basis.DOCUMENTED) for each in found if each.path[0] == "header"}


def _is_odd(asked: Asked) -> bool:
    path, _, query = asked.target.partition("?")
    headers = "".join(asked.headers.values())
    if not (headers.isascii() and headers.isprintable()):
        return True
    return bool(_ODD_PATH.search(path) or _ODD.search(path) or _ODD.search(query))


def trespasses(exchange: Exchange) -> set[Basis]:
    """On whose words the call itself is none that the document allows; empty where it is one."""
    operation, (path, _, query) = exchange.operation, exchange.asked.target.partition("?")
    if operation is None:
        return set()
    try:
        body = decode(exchange.asked.content) if exchange.asked.content else None
    except ValueError:
        return {Basis.DOCUMENTED}
    # Of a parameter that comes twice either counts: which one, nobody says.
    given = dict(parse_qsl(query, keep_blank_values=True))
    _, violations = operation.read(_parameters(operation, path), [*given.items()], body)
    return {Basis(each.basis or Basis.DOCUMENTED) for each in violations}


def _parameters(operation: Operation, path: str) -> dict[str, str]:
    pairs = zip(operation.path.split("/"), path.split("/"), strict=True)
    return {name[1:-1]: unquote(text) for name, text in pairs if name.startswith("{")}
