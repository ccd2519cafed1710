"""How the rules of a run stand, in words and tones, in the order of a reader's interest."""

from __future__ import annotations

from collections.abc import Sequence

from metersim.checker.wording import counted
from metersim.reading import Json

# Exit code -> tone, mark, and what is said of the vendor.
ENDINGS = {
    0: ("holds", "✓", "conforms"),
    1: ("broken", "✗", "does not conform"),
    2: ("open", "?", "could not be judged"),
}
# Standing -> heading, and the tone it is told in.
STANDINGS = {
    "broken": ("Broken", "broken"),
    "notices": ("Notices", "notice"),
    "waived": ("Waived", "open"),
    "holds": ("Holds", "holds"),
    "not-applicable": ("Not applicable here", "open"),
    "not-run": ("Not run", "open"),
}


def standing(told: Json, *names: str) -> list[Json]:
    """The verdicts of the run that stand so."""
    return [each for each in told["rules"] if _name_of(each) in names]


def _name_of(verdict: Json) -> str:
    if verdict["verdict"] != "broken":
        return str(verdict["verdict"]).replace(" ", "-")
    if verdict["waived"] is not None:
        return "waived"
    return "broken" if verdict["counts"] else "notices"


def departures(told: Json) -> list[list[Json]]:
    """Those from the document, what counts first; what is the same at several calls is one."""
    alike: dict[tuple[object, ...], list[Json]] = {}
    for each in sorted(told["schema"], key=lambda each: not each["counts"]):
        same = each["counts"], each["waived"], each["check"], each["message"]
        alike.setdefault(same, []).append(each)
    return list(alike.values())


def sentence(told: Json) -> str:
    """The verdict in a sentence."""
    broken, holds = len(standing(told, "broken")), len(standing(told, "holds"))
    wrong = sum(each["counts"] for each in told["schema"])
    rules = counted(len(told["rules"]), "rule")
    if broken or wrong:
        departed = f", and {counted(wrong, 'departure')} from the document" if wrong else ""
        return f"{broken} of {rules} broken{departed}."
    if told["stopped"] or not told["rules"]:
        return "Nothing was found, and too little was seen to say more."
    if told["expired"]:
        return f"{holds} of {rules} proven here, but a waiver has ended."
    return f"{holds} of {rules} proven here, and nothing broken that counts."


def unseen(told: Json) -> list[tuple[str, Sequence[str]]]:
    """What would have shown a rule to hold or not, or why nothing would; with their ids."""
    reasons: dict[str, list[str]] = {}
    for each in standing(told, "not-applicable", "not-run"):
        reasons.setdefault(each["reason"], []).append(each["id"])
    return sorted(reasons.items(), key=lambda told: -len(told[1]))
