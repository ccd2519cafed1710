from metersim.contract.rule import Basis, Effect, Rule

RULES = (
    Rule(
        "ACME-01",
        "A customer that nobody knows → 404, and an error says so",
        (Basis.DOCUMENTED,),
        "Acme API reference, balance",
        Effect.READ,
        ("getBalance",),
        refuses=("404 getBalance",),
    ),
    Rule(
        "ACME-02",
        "Usage counts in the balance as soon as it is taken",
        (Basis.ASSUMED,),
        "not published; nothing is said of a delay",
        Effect.WRITE,
        ("getBalance",),
    ),
)
