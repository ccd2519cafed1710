from collections.abc import Mapping

from metersim.contract.proof import Proofs, proves
from metersim.contract.trial import Trial


@proves("ACME-01", calls=2, needs=("customer_id",))
def an_unknown_customer_is_404(trial: Trial) -> None:
    customer = trial.value("customer_id")
    reply = trial.call("getBalance", path={"customer": f"{customer}-of-nobody"})
    reply.expect_status(404)
    reply.expect(isinstance(reply.json.get("error"), str), "an error in words")
    trial.call("getBalance", path={"customer": customer}).expect_status(200)


def discover(trial: Trial) -> Mapping[str, str]:
    """Values that can be found by reading: at Acme none, as nothing lists customers."""
    return {}


PROOFS = Proofs(
    by_rule={"ACME-01": an_unknown_customer_is_404},
    unseen={"ACME-02": "the API has no call that records usage"},
    discover=discover,
    values={"customer_id": "id of a customer"},
    inputs={"customer": "customer_id"},
)
