"""Findings as one JSON object."""

import json
from dataclasses import asdict

from statuspin.formats.report import Report


def render(report: Report) -> str:
    """`{tool, title, file, counts, tally, findings, not_compared}`; a finding has the members of Finding, and its
    fingerprint.
    """
    whole = {
        "tool": report.tool,
        "title": report.title,
        "file": report.file,
        "counts": {str(severity): count for severity, count in report.counts.items()},
        "tally": report.tally,
        "findings": [asdict(finding) | {"fingerprint": finding.fingerprint} for finding in report.findings],
        "not_compared": [asdict(each) for each in report.not_compared],
    }
    return json.dumps(whole, indent=2) + "\n"
