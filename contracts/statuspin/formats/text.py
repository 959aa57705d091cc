"""Findings for people, grouped by operation, the heaviest first."""

from itertools import groupby

import click

from statuspin.findings import Finding, Severity
from statuspin.formats.report import Report

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_WEIGHTS = list(Severity)


def render(report: Report, *, colour: bool = False) -> str:
    """The title, the findings of each operation, and the tally in the last line."""
    lines = [_plain(report.title), ""] if report.title else []
    ordered = sorted(report.findings, key=lambda each: (each.operation, _WEIGHTS.index(each.severity)))
    for operation, findings in groupby(ordered, key=lambda each: each.operation):
        lines.append(_styled(_plain(operation) or "The whole", colour, bold=True))
        for finding in findings:
            lines += _lines(finding, colour=colour)
        lines.append("")
    lines.append(_styled(report.tally, colour, bold=True))
    return "\n".join(lines) + "\n"


def _lines(finding: Finding, *, colour: bool) -> list[str]:
    severity = _styled(f"{finding.severity:<7}", colour, fg=_COLOURS[finding.severity])
    lines = [f"  {severity}  {_plain(finding.message)}  [{finding.rule}]"]
    if finding.why and finding.severity is not Severity.NOTE:
        lines.append(f"           {_plain(finding.why)}")
    return lines


def _styled(text: str, colour: bool, *, fg: str | None = None, bold: bool | None = None) -> str:  # noqa: FBT001
    return click.style(text, fg=fg, bold=bold) if colour else text


def _plain(text: str) -> str:
    """`text` in one line, without what would steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
