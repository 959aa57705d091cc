"""Write findings as a JSON object."""

import json
from dataclasses import asdict
from typing import Any

from statuspin.findings import Finding
from statuspin.formats.report import Report


def render(report: Report) -> str:
    """Return `{tool, title, file, counts, tally, findings, not_compared}`, with `outcomes` and `cases` if it has cases.

    A finding has the fields of Finding and its fingerprint. A case has the fields of Case.
    """
    data = {
        "tool": report.tool,
        "title": report.title,
        "file": report.file,
        "counts": {str(severity): count for severity, count in report.counts.items()},
        "tally": report.tally,
        "findings": [_entry(finding) for finding in report.findings],
        "not_compared": [asdict(each) for each in report.not_compared],
    }
    if report.cases:
        data["outcomes"] = {str(outcome): count for outcome, count in report.outcomes.items()}
        data["cases"] = [asdict(case) for case in report.cases]
    return json.dumps(data, indent=2) + "\n"


def _entry(finding: Finding) -> dict[str, Any]:
    """Return the members of a finding, without `evidence` and `accepted` if they are empty."""
    members = asdict(finding) | {"fingerprint": finding.fingerprint}
    return {name: value for name, value in members.items() if value or name not in ("evidence", "accepted")}
