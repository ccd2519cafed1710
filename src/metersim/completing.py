"""What a shell completes: the names that metersim knows, where a command takes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from click import Context, Parameter
from click.shell_completion import CompletionItem

from metersim.checker.reports import KINDS
from metersim.checker.values import keys_of
from metersim.scenario import scenario_names
from metersim.simulation.vendor import Vendor, installed_vendors


def vendors(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """A vendor's name, and its title beside it."""
    titles = {name: vendor.title for name, vendor in installed_vendors().items()}
    return _beginning(incomplete, titles)


def books(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """What has a part of the rule book to itself: a vendor, or the world."""
    world = _beginning(incomplete, {"world": "The laws that hold for every vendor"})
    return [*vendors(ctx, param, incomplete), *world]


def bundled_scenarios(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """A bundled scenario's name."""
    return _beginning(incomplete, dict.fromkeys(scenario_names()))


def scenarios(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """A bundled scenario's name, and what begins like none of them is a file."""
    found = bundled_scenarios(ctx, param, incomplete)
    return found or [CompletionItem(incomplete, type="file")]


def rules(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids of the vendor's rules, once the command line names it; else of all."""
    laws = {rule.id: rule.statement for vendor in _named(ctx) for rule in vendor.rules}
    return _beginning(incomplete, laws)


def values(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """``KEY=`` of a value that the vendor's proofs are made with."""
    keys = {key: about for vendor in _named(ctx) for key, about in keys_of(vendor).items()}
    return _beginning(incomplete, {f"{key}=": about for key, about in keys.items()})


def reports(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """``KIND=`` of a report."""
    return _beginning(incomplete, dict.fromkeys(f"{kind}=" for kind in KINDS))


def _named(ctx: Context) -> Iterable[Vendor]:
    """The vendor, once the command line names it; else all of them."""
    # While an option lacks its value, click leaves the words before it unnamed.
    typed = [ctx.params.get("vendor"), *ctx.args]
    found = installed_vendors()
    return [found[name] for name in typed if name in found] or found.values()


def _beginning(incomplete: str, known: Mapping[str, str | None]) -> list[CompletionItem]:
    return [
        CompletionItem(name, help=about)
        for name, about in known.items()
        if name.startswith(incomplete)
    ]
