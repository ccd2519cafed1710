"""How far each vendor is modelled: operation by operation, by the rules that are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metersim.contract.operation import Operation
from metersim.contract.rule import Basis, Rule
from metersim.reading import Json
from metersim.simulation.vendor import Vendor


def fidelity(vendors: Mapping[str, Vendor]) -> Json:
    """Every vendor's operations in the order of its document, and all its rules together."""
    return {
        name: {
            "rules": _kept(vendor.rules),
            "operations": [
                _standing(vendor, operation) for operation in vendor.contract.operations.values()
            ],
        }
        for name, vendor in vendors.items()
    }


def _standing(vendor: Vendor, operation: Operation) -> Json:
    return {
        "id": operation.id,
        "basis": operation.basis,
        "simulated": operation.id in vendor.behaviours,
        "reason": vendor.not_simulated.get(operation.id),
        "rules": _kept([rule for rule in vendor.rules if operation.id in rule.operations]),
    }


def _kept(rules: Sequence[Rule]) -> Json:
    """Where a rule stands on several words, the first is the one that counts."""
    by_basis = {basis: [rule for rule in rules if rule.bases[0] is basis] for basis in Basis}
    return {
        **_counted(rules),
        "by_basis": {str(basis): _counted(found) for basis, found in by_basis.items() if found},
    }


def _counted(rules: Sequence[Rule]) -> dict[str, int]:
    return {"modelled": sum(rule.modelled for rule in rules), "known": len(rules)}
