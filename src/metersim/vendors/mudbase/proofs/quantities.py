"""What may be recorded: of which metric, and how much."""

from __future__ import annotations

from decimal import Decimal

from metersim.contract.exchange import Exchange, Unproven
from metersim.contract.proof import proves
from metersim.contract.rule import Basis
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.mudbase.proofs.asking import answer, judged, usage

_WRITES = ("project_id", "email")
_ILL_TYPED: dict[str, tuple[Json, ...]] = {
    "email": (12, None, ["a@example.com"]),
    "metric": (12, None, {"name": "api_calls"}),
    "quantity": ("much", None, True, [1]),
}
_WORDS = (
    "program",
    "quantify",
    "storage_mb",
    "Größe",
    "использование",
    "使用量",
    "استخدام",
    "उपयोग",
    "100%",
    "it's",
    "🚀",
)
_FRACTIONS = (Decimal("195.84"), Decimal("0.1"), Decimal("0.000001"), Decimal("1234567.891"))


@proves("MUDBASE-02", calls=15, needs=("project_id",))
def a_field_that_is_missing_or_ill_typed_is_named(trial: Trial) -> None:
    whole = usage(trial)
    for field, wrong in _ILL_TYPED.items():
        _names(judged(trial, {key: whole[key] for key in whole if key != field}), field)
        for value in wrong:
            _names(judged(trial, {**whole, field: value}), field)
    # Their document says that it is an address, and not who finds out.
    for text in ("not-an-address", "metersim-check@"):
        judged(trial, {**whole, "email": text}).expect_status(400, basis=Basis.ASSUMED)


def _names(reply: Exchange, field: str) -> None:
    reply.expect_status(400)
    told = answer(reply)
    held = "error" in told and told.get("code") == "VALIDATION_ERROR"
    reply.expect(held, "{error, code: VALIDATION_ERROR, details}")
    details = told.get("details")
    reply.expect(isinstance(details, dict) and field in details, f"details that name {field}")


def _is_taken(reply: Exchange) -> None:
    """By which status of success, is MUDBASE-01's to tell."""
    reply.expect(reply.succeeded, "status 200")


@proves("MUDBASE-03", calls=1, examples=10, needs=_WRITES)
def a_metric_is_free_text(trial: Trial) -> None:
    # Few words at once: how long a text may be is told nowhere, and some keep 64 characters.
    words = [trial.draw.one_of(_WORDS) for _ in range(3)]
    metric = " ".join(["metersim", *words])
    _is_taken(judged(trial, usage(trial, metric=metric)))


@proves("MUDBASE-04", calls=len(_FRACTIONS), needs=_WRITES)
def a_fraction_may_be_recorded(trial: Trial) -> None:
    for quantity in _FRACTIONS:
        _is_taken(judged(trial, usage(trial, quantity=quantity)))
    raise Unproven("needs a call that reads usage: fractions are taken, but not told again")


@proves("MUDBASE-05", calls=5, needs=("project_id",))
def a_quantity_is_a_number_that_is_not_negative(trial: Trial) -> None:
    for quantity in (-1, Decimal("-0.01"), "12", "0.5"):
        judged(trial, usage(trial, quantity=quantity)).expect_status(400)
    # As some languages spell it, which JSON does not.
    fields = {"quantity": "NaN", **{key: f'"{usage(trial)[key]}"' for key in ("email", "metric")}}
    body = ", ".join(f'"{key}": {value}' for key, value in fields.items())
    judged(trial, f"{{{body}}}".encode()).expect_status(400)
