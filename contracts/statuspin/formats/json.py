"""Findings as one JSON object."""

import json
from dataclasses import asdict
from typing import Any

from statuspin.findings import Finding
from statuspin.formats.report import Report


def render(report: Report) -> str:
    """Return `{tool, title, file, counts, tally, findings, not_compared}`, `outcomes` and `cases` if there are any.

    A finding has the members of Finding and its fingerprint, a case those of Case.
    """
    whole = {
        "tool": report.tool,
        "title": report.title,
        "file": report.file,
        "counts": {str(severity): count for severity, count in report.counts.items()},
        "tally": report.tally,
        "findings": [_entry(finding) for finding in report.findings],
        "not_compared": [asdict(each) for each in report.not_compared],
    }
    if report.cases:
        whole["outcomes"] = {str(outcome): count for outcome, count in report.outcomes.items()}
        whole["cases"] = [asdict(case) for case in report.cases]
    return json.dumps(whole, indent=2) + "\n"


def _entry(finding: Finding) -> dict[str, Any]:
    """The members of a finding; `evidence` and `accepted` only if there are any."""
    members = asdict(finding) | {"fingerprint": finding.fingerprint}
    return {name: value for name, value in members.items() if value or name not in ("evidence", "accepted")}
