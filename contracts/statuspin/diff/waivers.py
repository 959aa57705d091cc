"""Findings that somebody has decided to live with, until a date."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from statuspin.diff.rule import Change
from statuspin.diff.severities import Severities
from statuspin.errors import CannotRun
from statuspin.findings import Finding, Severity
from statuspin.loading.files import parsed, read_text

_REQUIRED = ("rule", "operation", "reason", "expires")
_KNOWN = frozenset({*_REQUIRED, "place"})
WAIVER_RULES = frozenset({"waiver-expired", "waiver-unused"})


@dataclass(frozen=True)
class Waiver:
    """One entry of waivers.yaml. An operation of `*` is every operation; without a place, every place."""

    rule: str
    operation: str
    place: str | None
    reason: str
    expires: date

    def matches(self, finding: Finding) -> bool:
        """Whether this entry is about `finding`."""
        is_there = self.operation in {"*", finding.operation} and self.place in {None, finding.place}
        return is_there and self.rule == finding.rule

    @property
    def change(self) -> str:
        """What is waived, in a few words."""
        where = " · ".join(part for part in (self.operation, self.place) if part)
        return f"{self.rule} ({where})"


def read_waivers(file: Path, known: Iterable[str]) -> list[Waiver]:
    """The entries of a waiver file. known: the rule ids that there are. CannotRun names file and entry."""
    return waivers_of(parsed(read_text(file), str(file)), str(file), known)


def waivers_of(entries: Any, file: str, known: Iterable[str]) -> list[Waiver]:
    """The same of what a file holds."""
    if not isinstance(entries, list | type(None)):
        raise CannotRun(f"{file}: a list of waivers is expected")
    rules = set(known)
    return [_waiver(entry, f"{file}: entry {place}", rules) for place, entry in enumerate(entries or (), 1)]


def _waiver(entry: Any, name: str, rules: set[str]) -> Waiver:
    if not isinstance(entry, dict):
        raise CannotRun(f"{name}: an object with {', '.join(_REQUIRED)} is expected")
    for key in _REQUIRED:
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise CannotRun(f"{name}: `{key}` has to be a text")
    if unknown := sorted(entry.keys() - _KNOWN):
        raise CannotRun(f"{name}: `{unknown[0]}` is no member of a waiver")
    if entry["rule"] not in rules:
        raise CannotRun(f"{name}: there is no rule {entry['rule']}")
    place = entry.get("place")
    if not isinstance(place, str | type(None)):
        raise CannotRun(f"{name}: `place` has to be a text")
    return Waiver(entry["rule"], entry["operation"], place, entry["reason"], _date(entry["expires"], name))


def _date(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CannotRun(f"{name}: `expires` has to be a date, YYYY-MM-DD, not {text}") from None


def waive(
    findings: Iterable[Finding], waivers: list[Waiver], today: date, severities: Severities | None = None
) -> list[Finding]:
    """Findings as notes where a waiver that still holds on `today` is about them, with its reason.

    Waivers that have expired, and those that are about nothing, are findings themselves, after the others.
    """
    told, all_findings = severities or Severities.usual(), list(findings)
    valid = [waiver for waiver in waivers if waiver.expires >= today]
    waived = [_waived(finding, valid) for finding in all_findings]
    for waiver in waivers:
        if waiver.expires < today:
            change = Change("waiver-expired", "", waiver.change, waiver.expires.isoformat())
        elif not any(waiver.matches(finding) for finding in all_findings):
            change = Change("waiver-unused", "", waiver.change)
        else:
            continue
        waived.append(told.finding("" if waiver.operation == "*" else waiver.operation, waiver.place or "", change))
    return waived


def _waived(finding: Finding, waivers: list[Waiver]) -> Finding:
    waiver = next((waiver for waiver in waivers if waiver.matches(finding)), None)
    if waiver is None:
        return finding
    message = f"{finding.message} Waived until {waiver.expires.isoformat()}: {waiver.reason}"
    return replace(finding, severity=Severity.NOTE, message=message)
