"""Findings as one JSON object."""

import json
from dataclasses import asdict

from statuspin.formats.report import Report


def render(report: Report) -> str:
    """`{tool, title, file, counts, tally, findings}`; a finding has the members of Finding."""
    whole = {
        "tool": report.tool,
        "title": report.title,
        "file": report.file,
        "counts": {str(severity): count for severity, count in report.counts.items()},
        "tally": report.tally,
        "findings": [asdict(finding) for finding in report.findings],
    }
    return json.dumps(whole, indent=2) + "\n"
