"""A report as data, without secrets: what every kind of report file is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from metersim.checker.secrets import Secrets
from metersim.checker.verdict import Departure, Report, Verdict
from metersim.contract.exchange import Exchange, cut
from metersim.reading import Json
from metersim.simulation.redaction import Redaction

_REDACTION = Redaction()
# Of a body in a report, so many characters.
_BODY = 4_000
# And in an archive, which is there to look things up in.
_WHOLE_BODY = 256 * 1024


@dataclass(frozen=True)
class Teller:
    """Tells of a run: ``command`` is what began it, without its --rules."""

    secrets: Secrets
    command: Sequence[str]

    def told(self, report: Report) -> Json:
        """All of it, in the words of the docstrings of what it is made from."""
        return {
            "metersim": version("metersim"),
            "vendor": report.vendor,
            "url": report.url,
            "seed": report.seed,
            "strict": report.strict,
            "exit_code": report.exit_code,
            "stopped": self.secrets.hide(report.stopped),
            "again": " ".join(self.command),
            "variables": list(self.secrets.by_variable),
            "expired": list(report.expired.values()),
            "idle": report.idle,
            "index": report.index,
            "score": report.score,
            "calls": report.calls,
            "rules": [self.verdict(each, report) for each in report.verdicts],
            "schema": [self._departure(each, report) for each in report.departures],
            "exchanges": [self._kept(each, report) for each in report.kept],
            "dropped": report.kept.dropped,
        }

    def verdict(self, verdict: Verdict, report: Report) -> Json:
        """One rule of it, as soon as it is known."""
        rule = verdict.rule
        told: dict[str, Json] = {
            "id": rule.id,
            "statement": rule.statement,
            "bases": list(rule.bases),
            "source": rule.source,
            "effect": rule.effect,
            "operations": list(rule.operations),
            "verdict": verdict.standing,
            "reason": self.secrets.hide(verdict.reason),
            "calls": verdict.calls,
            "repeat": self.repeat(rule.id),
        }
        if verdict.basis is not None:
            told |= {
                "counts": verdict in report.failures,
                "waived": verdict.waived,
                "basis": verdict.basis,
                "expected": self.secrets.hide(verdict.expected),
                "found": self.secrets.hide(verdict.found),
                "exchanges": [self._exchange(each, report) for each in verdict.exchanges],
            }
        return told

    def repeat(self, rule: str) -> str:
        """The command that checks one rule alone, as it was checked."""
        return " ".join([*self.command, "--no-fuzz", "--rules", rule])

    def _departure(self, departure: Departure, report: Report) -> Json:
        return {
            "check": departure.check,
            "operation": departure.operation,
            "message": self.secrets.hide(departure.message),
            "basis": departure.basis,
            "counts": departure in report.departed,
            "waived": departure.waived,
            "exchange": self._exchange(departure.exchange, report),
        }

    def _kept(self, exchange: Exchange, report: Report) -> Json:
        operation = exchange.operation
        return {
            **self._exchange(exchange, report, _WHOLE_BODY),
            "operation": operation.id if operation else None,
            "request_size": len(exchange.asked.content),
            "reply_size": len(exchange.content),
            "at": exchange.at,
            "took": exchange.took,
        }

    def _exchange(self, exchange: Exchange, report: Report, most: int = _BODY) -> Json:
        asked = exchange.asked
        return {
            "curl": self.secrets.curl(report.url, asked),
            "method": asked.method,
            "url": self.secrets.hide(report.url.rstrip("/") + asked.target),
            "request_headers": self._headers(asked.headers),
            "request": self._body(asked.content, most),
            "status": exchange.status,
            # The target has secrets of its own, such as cookies.
            "headers": self._headers(_REDACTION.of_headers(exchange.headers)),
            "reply": self._body(exchange.content, most),
        }

    def _headers(self, headers: Mapping[str, str]) -> Json:
        return {name: self.secrets.hide(text) for name, text in headers.items()}

    def _body(self, content: bytes, most: int) -> str:
        # Hidden first: a cut might go through a secret.
        return cut(self.secrets.hide(content.decode(errors="replace")), most)
