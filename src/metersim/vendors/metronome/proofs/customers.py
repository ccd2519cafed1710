"""Whose the usage under an alias is, and whom the lists show."""

from __future__ import annotations

from collections.abc import Mapping

from metersim.contract.exchange import Exchange, require
from metersim.contract.proof import proves
from metersim.contract.trial import Trial
from metersim.reading import Json
from metersim.vendors.metronome.proofs.asking import refused
from metersim.vendors.metronome.proofs.listing import METRICS, listed, walked
from metersim.vendors.metronome.proofs.recording import (
    NAME,
    Account,
    account,
    counting,
    counts,
    taken,
)

# How who knows the call refuses what it asks for.
_SAYS_NO = {400, 409, 422}


@proves("METRONOME-22", calls=31)
def usage_goes_with_the_alias(trial: Trial) -> None:
    metric = counting(trial)
    with account(trial) as first:
        alias = first.named("alias")
        taken(trial, first.event(metric, "1", "before", first.noon(5), alias))
        with account(trial, alias) as second:
            counts(second, metric, second.day(5), 1, "an event that came before its customer")
            taken(trial, second.event(metric, "1", "while", second.noon(3), alias))
            counts(second, metric, second.day(3), 1, "an event by an alias")
            _set_aliases(trial, first.id, first.named("other"), alias)
            for day in (5, 3):
                counts(first, metric, first.day(day), 1, "an event whose alias moved here")
                counts(second, metric, second.day(day), None, "an event whose alias moved away")
            taken(trial, first.event(metric, "1", "after", first.noon(4), alias))
            counts(first, metric, first.day(4), 1, "an event by an alias that moved here before")
            counts(second, metric, second.day(4), None, "an event by an alias that moved away")
            # To whom was made later, and to whom was made before: both are moves.
            _set_aliases(trial, second.id, alias)
            counts(second, metric, second.day(4), 1, "an event whose alias moved back")
            counts(first, metric, first.day(4), None, "an event whose alias moved away again")


def _set_aliases(trial: Trial, customer: str, *aliases: str) -> None:
    body = {"ingest_aliases": list(aliases)}
    reply = trial.call("setIngestAliases", body, path={"customer_id": customer})
    if reply.status in _SAYS_NO:
        reply.expect(False, "an alias of another customer to move")
    require(reply.succeeded, f"an alias that can be moved: {reply}")


@proves("METRONOME-25", calls=28)
def what_is_archived_leaves_the_lists(trial: Trial) -> None:
    with account(trial) as first:
        alias = first.named("taken")
        with account(trial, alias) as ours:
            _shows(trial, ours.id, archived=False)
            _clashes(trial, ours, alias)
            # Nor where it stands behind one that is free.
            _clashes(trial, ours, first.named("free"), alias)
        # Archived by now, as the block has ended.
        _shows(trial, ours.id, archived=True)
    _metrics_are_left_out(trial)


def _clashes(trial: Trial, owner: Account, *aliases: str) -> None:
    reply = trial.call("createCustomer", {"name": NAME, "ingest_aliases": list(aliases)})
    if reply.succeeded:
        trial.call("archiveCustomer", {"id": reply.json["data"]["id"]})
    refused(reply, 409)
    found = trial.call("listCustomers", query={"ingest_alias": aliases[0]})
    if found.succeeded:
        named = [each for each in found.done["data"] if aliases[0] in each["ingest_aliases"]]
        others = ", ".join(each["id"] for each in named if each["id"] != owner.id)
        told = f"nobody to be made with the aliases {', '.join(aliases)}"
        found.expect(not others, told, f"customer {others}")


def _shows(trial: Trial, customer: str, archived: bool) -> None:
    for asked, expected in (({}, not archived), ({"only_archived": "true"}, archived)):
        query = {"customer_ids": customer, **asked}
        reply = trial.call("listCustomers", query=query)
        shown = [each["id"] for each in reply.done["data"]]
        told = "archived" if archived else "not archived"
        known = f"customer {customer}, {told}, {'' if expected else 'not '}in the list"
        reply.expect((customer in shown) is expected, known)


def _metrics_are_left_out(trial: Trial) -> None:
    every, all_of_them = walked(trial, METRICS, include_archived="true")
    shown = listed(trial)
    reply: Exchange = trial.send("GET", METRICS)
    gone = {each["id"] for each in every if each.get("archived_at")}
    both = ", ".join(sorted(gone & _ids(shown)))
    reply.expect(not both, "no archived metric in the list", both)
    missing = ", ".join(sorted(_ids(shown) - _ids(every))) if all_of_them else ""
    reply.expect(not missing, "with include_archived, every metric", f"without {missing}")


def _ids(rows: list[Mapping[str, Json]]) -> set[str]:
    return {each["id"] for each in rows}
