"""What a vendor is, and how vendors are found.

A vendor is an OpenAPI document and a package that declares ``VENDOR``. An entry point in the group
``metersim.vendors`` names a package of such packages; our own five come in by the same door as
anyone's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import TypeAlias

from metersim.billing.explanation import Explanation
from metersim.contract.document import Contract, load
from metersim.contract.rule import Rule
from metersim.errors import ContractError, nearest
from metersim.reading import Json
from metersim.simulation.call import Call, Reply
from metersim.simulation.limits import Limit
from metersim.simulation.problems import Problem
from metersim.simulation.view import View
from metersim.world.opening import Credential
from metersim.world.world import World

Behaviour: TypeAlias = Callable[[Call, World], Reply]
Admission: TypeAlias = Callable[[Mapping[str, str], Credential | None, World], None]
Explain: TypeAlias = Callable[[Mapping[str, Json], World], Explanation]

_GROUP = "metersim.vendors"
# Doors of our own, and what a session's handle offers under its own name.
_RESERVED = {
    *("s", "__admin", "clock", "control", "explain", "faults", "journal", "reset", "session"),
    *("name", "snapshot", "snapshots", "state", "transport", "url"),
}


def _admit_everyone(path: Mapping[str, str], credential: Credential | None, world: World) -> None:
    """Nothing is closed to a caller whose credential will do for the operation."""


@dataclass(frozen=True)
class Vendor:
    """One imitated API.

    ``behaviours`` and ``not_simulated`` (with the reason) together name every operation of the
    document, by ``operationId``. ``problem_body`` puts a refusal into the vendor's error shape; its
    second argument is the id of the call. ``admit`` refuses a caller to whom what the path names is
    closed, before anything else of the request is looked at. ``explain`` says how the number in a
    row of a reply came about; None where no reply holds a number. ``limits`` are enforced where the
    session says so. ``view`` tells what its replies say was used, for all vendors to be compared.
    """

    name: str
    title: str
    document: Path
    behaviours: Mapping[str, Behaviour]
    problem_body: Callable[[Problem, str], Json]
    rules: Sequence[Rule] = ()
    not_simulated: Mapping[str, str] = field(default_factory=dict)
    admit: Admission = _admit_everyone
    explain: Explain | None = None
    limits: Sequence[Limit] = ()
    view: View | None = None
    proofs: str = ""

    @cached_property
    def contract(self) -> Contract:
        """The compiled document; ContractError when it and the code do not promise the same."""
        contract = load(self.document)
        known = {*self.behaviours, *self.not_simulated}
        for operation in sorted(contract.operations.keys() - known):
            raise self._mismatch(f"the document's {operation!r} has no behaviour", operation, known)
        for operation in sorted(known - contract.operations.keys()):
            message = f"{operation!r} is no operation of the document"
            raise self._mismatch(message, operation, contract.operations)
        for rule in self.rules:
            for operation in sorted(set(rule.operations) - contract.operations.keys()):
                message = f"rule {rule.id} is about {operation!r}"
                raise self._mismatch(message, operation, contract.operations)
        for operation in self._limited_without_429(contract):
            message = f"{operation!r} has a rate limit, and no 429 among its responses"
            raise ContractError(f"vendor {self.name} ({self.document}): {message}")
        return contract

    def _limited_without_429(self, contract: Contract) -> Iterator[str]:
        for operation in contract.operations.values():
            limited = any(limit.applies(operation) for limit in self.limits)
            if limited and HTTPStatus.TOO_MANY_REQUESTS not in operation.responses:
                yield operation.id

    def _mismatch(self, message: str, operation: str, known: Iterable[str]) -> ContractError:
        return ContractError(
            f"vendor {self.name} ({self.document}): {message}; {nearest(operation, known)}"
        )


def installed_vendors() -> dict[str, Vendor]:
    """Every vendor that is installed, by name, in order of name."""
    found: dict[str, Vendor] = {}
    for point in entry_points(group=_GROUP):
        for vendor in _in_package(point.value):
            if vendor.name in found or vendor.name in _RESERVED:
                raise ContractError(f"vendor name {vendor.name!r} is taken (from {point.value})")
            found[vendor.name] = vendor
    return dict(sorted(found.items()))


def _in_package(package: str) -> Iterator[Vendor]:
    folders = getattr(_imported(package), "__path__", None)
    if folders is None:
        raise ContractError(f"{package}: expected a package of vendors, found a module")
    for module in iter_modules(folders, f"{package}."):
        vendor = getattr(_imported(module.name), "VENDOR", None)
        if not isinstance(vendor, Vendor):
            raise ContractError(
                f"{module.name}: expected a VENDOR of type Vendor, found {vendor!r}"
            )
        yield vendor


def _imported(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        raise ContractError(
            f"entry points {_GROUP}: {name!r} cannot be imported: {error}"
        ) from error
