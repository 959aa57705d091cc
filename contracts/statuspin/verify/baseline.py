"""The findings of a run in a file, so that later runs fail only on new ones."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from statuspin.errors import CannotRun
from statuspin.findings import Finding, Severity
from statuspin.loading.files import read_mapping

FORMAT = 1
_MEMBERS = ("rule", "operation", "place", "before", "after")


def write_baseline(findings: Iterable[Finding], path: Path) -> int:
    """Write the errors and warnings to a file. Return their number. Raises CannotRun if the file cannot be written."""
    known = {_key(each): each for each in findings if each.severity is not Severity.NOTE}
    entries = [_entry(finding) for _, finding in sorted(known.items())]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"format": FORMAT, "findings": entries}, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"{path}: {(error.strerror or str(error)).lower()}") from None
    return len(entries)


def read_baseline(path: Path) -> list[Finding]:
    """Return the findings of a baseline. Raises CannotRun if the file is missing or invalid."""
    if not path.exists():
        raise CannotRun(f"{path} does not exist; --write-baseline creates it from the current findings")
    raw = read_mapping(path)
    entries = raw.get("findings")
    if raw.get("format") != FORMAT or not isinstance(entries, list):
        raise CannotRun(f"{path}: not a baseline; `statuspin verify --baseline {path} --write-baseline` writes one")
    return [_finding(each, f"{path}: finding {number}") for number, each in enumerate(entries, 1)]


def accept_baseline(findings: Iterable[Finding], baseline: Iterable[Finding], name: str) -> list[Finding]:
    """Return the findings, with those of the baseline as notes.

    name: the file of the baseline. A note counts the entries of the baseline that were not found again.
    """
    known, reason = {_key(each) for each in baseline}, f"It is in the baseline {name}."
    judged = list(findings)
    met = {_key(each) for each in judged if each.severity is not Severity.NOTE} & known
    found = [
        replace(each, severity=Severity.NOTE, message=f"{each.message} {reason}", accepted=reason)
        if each.severity is not Severity.NOTE and _key(each) in met
        else each
        for each in judged
    ]
    if gone := len(known - met):
        was = "finding of the baseline was" if gone == 1 else "findings of the baseline were"
        message = f"{gone} {was} not found; update {name} with --write-baseline"
        found.append(Finding("baseline-outdated", Severity.NOTE, "", name, message))
    return found


def _key(finding: Finding) -> tuple[str, ...]:
    """Return the parts that identify a finding in other runs: not the fuzzer's request, nor the counts of a race."""
    place = "" if finding.rule.startswith("fuzzer-") else finding.place
    after = "" if " × " in finding.after else finding.after
    return (finding.rule, finding.operation, place, finding.before, after)


def _entry(finding: Finding) -> dict[str, str]:
    return {name: getattr(finding, name) for name in _MEMBERS} | {"message": finding.message}


def _finding(raw: Any, place: str) -> Finding:
    if not isinstance(raw, dict) or not all(isinstance(raw.get(name), str) for name in _MEMBERS):
        raise CannotRun(f"{place}: expected an object with {', '.join(_MEMBERS)}")
    texts = {name: raw[name] for name in _MEMBERS if name != "rule"}
    return Finding(raw["rule"], Severity.ERROR, message=str(raw.get("message", "")), **texts)
