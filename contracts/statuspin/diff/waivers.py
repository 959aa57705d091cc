"""Waivers, which accept findings until a date."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from statuspin.diff.rule import Change
from statuspin.diff.severities import Severities
from statuspin.diff.verify_rules import is_of_verify
from statuspin.errors import CannotRun
from statuspin.findings import Finding, Severity
from statuspin.loading.files import parse, read_text

_REQUIRED = ("rule", "operation", "reason", "expires")
_KNOWN = frozenset({*_REQUIRED, "place", "status"})
WAIVER_RULES = frozenset({"waiver-expired", "waiver-unused"})


@dataclass(frozen=True)
class Waiver:
    """One entry of waivers.yaml. An operation of `*` is every operation; without a place, every place.

    status: of a finding of `verify`, the status that was observed, or that is promised and was not; else any.
    """

    rule: str
    operation: str
    place: str | None
    reason: str
    expires: date
    status: str | None = None

    def matches(self, finding: Finding) -> bool:
        """Return whether this entry is about `finding`."""
        is_there = self.operation in {"*", finding.operation} and self.place in {None, finding.place}
        return is_there and self.rule == finding.rule and self.status in {None, finding.after, finding.before}

    @property
    def change(self) -> str:
        """The waived change, in a few words."""
        where = " · ".join(part for part in (self.operation, self.place, self.status) if part)
        return f"{self.rule} ({where})"


def read_waivers(file: Path, known: Iterable[str]) -> list[Waiver]:
    """Return the entries of a waiver file. known: the rules of `diff`. Raises CannotRun, naming file and entry."""
    return parse_waivers(parse(read_text(file), str(file)), str(file), known)


def parse_waivers(entries: Any, file: str, known: Iterable[str]) -> list[Waiver]:
    """Return the waivers in the data of a file. Raises CannotRun, naming the entry."""
    if not isinstance(entries, list | type(None)):
        raise CannotRun(f"{file}: write a list of waivers")
    rules = set(known)
    return [_waiver(entry, f"{file}: entry {place}", rules) for place, entry in enumerate(entries or (), 1)]


def _waiver(entry: Any, name: str, rules: set[str]) -> Waiver:
    if not isinstance(entry, dict):
        raise CannotRun(f"{name}: write an object with {', '.join(_REQUIRED)}")
    for key in _REQUIRED:
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise CannotRun(f"{name}: `{key}` has to be a string")
    if unknown := sorted(entry.keys() - _KNOWN):
        raise CannotRun(f"{name}: a waiver has no member `{unknown[0]}`")
    if entry["rule"] not in rules and not is_of_verify(entry["rule"]):
        raise CannotRun(f"{name}: unknown rule {entry['rule']}; list the rules with `statuspin rules`")
    place = entry.get("place")
    if not isinstance(place, str | type(None)):
        raise CannotRun(f"{name}: `place` has to be a string")
    status = _status(entry, name)
    return Waiver(entry["rule"], entry["operation"], place, entry["reason"], _date(entry["expires"], name), status)


def _status(entry: dict[str, Any], name: str) -> str | None:
    """Return the status of a waiver. Raises CannotRun if it is not one, or if the finding has none."""
    status = entry.get("status")
    if status is None:
        return None
    if not is_of_verify(entry["rule"]):
        raise CannotRun(f"{name}: `status` is for findings of `verify`; write `place` for one of `diff`")
    if isinstance(status, bool) or not re.fullmatch("[1-5]([0-9][0-9]|XX)|default", str(status)):
        raise CannotRun(f"{name}: `status` has to be a status such as 404 or 4XX, not {status}")
    return str(status)


def _date(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CannotRun(f"{name}: `expires` has to be a date, YYYY-MM-DD, not {text}") from None


def waive(
    findings: Iterable[Finding], waivers: list[Waiver], today: date, severities: Severities | None = None
) -> list[Finding]:
    """Return the findings, as notes if a waiver that is valid on `today` is about them, with its reason.

    Waivers that have expired, and those that are about nothing, are findings themselves, after the others.
    """
    weights, all_findings = severities or Severities.usual(), list(findings)
    valid = [waiver for waiver in waivers if waiver.expires >= today]
    waived = [_accept_waived(finding, valid) for finding in all_findings]
    for waiver in waivers:
        if waiver.expires < today:
            change = Change("waiver-expired", "", waiver.change, waiver.expires.isoformat())
        elif not any(waiver.matches(finding) for finding in all_findings):
            change = Change("waiver-unused", "", waiver.change)
        else:
            continue
        waived.append(weights.finding("" if waiver.operation == "*" else waiver.operation, waiver.place or "", change))
    return waived


def _accept_waived(finding: Finding, waivers: list[Waiver]) -> Finding:
    waiver = next((waiver for waiver in waivers if waiver.matches(finding)), None)
    if waiver is None:
        return finding
    reason = f"Waived until {waiver.expires.isoformat()}: {waiver.reason}"
    accepted = reason if is_of_verify(finding.rule) else ""
    return replace(finding, severity=Severity.NOTE, message=f"{finding.message} {reason}", accepted=accepted)
