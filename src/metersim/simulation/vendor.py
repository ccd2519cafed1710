"""What a vendor is, and how vendors are found.

A vendor is an OpenAPI document and a package that declares ``VENDOR``. An entry point in the group
``metersim.vendors`` names a package of such packages; our own five come in by the same door as
anyone's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from pkgutil import iter_modules
from typing import TypeAlias

from metersim.contract.document import Contract, load
from metersim.contract.rule import Rule
from metersim.errors import ContractError, nearest
from metersim.reading import Json
from metersim.simulation.call import Call, Reply
from metersim.simulation.problems import Problem
from metersim.world.world import World

Behaviour: TypeAlias = Callable[[Call, World], Reply]

_GROUP = "metersim.vendors"


@dataclass(frozen=True)
class Vendor:
    """One imitated API.

    ``behaviours`` and ``not_simulated`` (with the reason) together name every operation of the
    document, by ``operationId``. ``problem_body`` puts a refusal into the vendor's error shape; its
    second argument is the id of the call.
    """

    name: str
    title: str
    document: Path
    behaviours: Mapping[str, Behaviour]
    problem_body: Callable[[Problem, str], Json]
    rules: Sequence[Rule] = ()
    not_simulated: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def contract(self) -> Contract:
        """The compiled document; ContractError when it and the code do not promise the same."""
        contract = load(self.document)
        known = {*self.behaviours, *self.not_simulated}
        for operation in contract.operations.keys() - known:
            raise self._mismatch(f"operation {operation!r} of the document has no behaviour", known)
        for operation in known - contract.operations.keys():
            raise self._mismatch(
                f"{operation!r} is no operation of the document", contract.operations
            )
        for rule in self.rules:
            for operation in set(rule.operations) - contract.operations.keys():
                raise self._mismatch(f"rule {rule.id} is about {operation!r}", contract.operations)
        return contract

    def _mismatch(self, message: str, known: Mapping[str, object] | set[str]) -> ContractError:
        name = message.split("'")[1]
        return ContractError(
            f"vendor {self.name} ({self.document}): {message}; {nearest(name, known)}"
        )


def installed_vendors() -> dict[str, Vendor]:
    """Every vendor that is installed, by name, in order of name."""
    found: dict[str, Vendor] = {}
    for point in entry_points(group=_GROUP):
        for vendor in _in_package(point.value):
            if vendor.name in found or vendor.name in ("s", "__admin"):
                raise ContractError(f"vendor name {vendor.name!r} is taken (from {point.value})")
            found[vendor.name] = vendor
    return dict(sorted(found.items()))


def _in_package(package: str) -> Iterator[Vendor]:
    for module in iter_modules(import_module(package).__path__, f"{package}."):
        vendor = getattr(import_module(module.name), "VENDOR", None)
        if not isinstance(vendor, Vendor):
            raise ContractError(
                f"{module.name}: expected a VENDOR of type Vendor, found {vendor!r}"
            )
        yield vendor
