"""Write findings for a terminal, grouped by operation, the most severe first."""

import click

from statuspin.findings import Severity
from statuspin.formats.entries import Entry, describe, group_entries
from statuspin.formats.report import Report

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def render(report: Report, *, colour: bool = False) -> str:
    """Return the title, the findings by operation, the uncompared differences, and the tally as the last line."""
    lines = [_strip_controls(report.title), ""] if report.title else []
    for heading, entries in group_entries(report):
        lines.append(_style(_strip_controls(heading) or "General", colour, bold=True))
        for entry in entries:
            lines += _lines(entry, colour=colour)
        lines.append("")
    if report.not_compared:
        lines.append(_style("Not compared", colour, bold=True))
        lines += [f"  {_strip_controls(describe(each))}" for each in report.not_compared]
        lines.append("")
    lines.append(_style(report.tally, colour, bold=True))
    return "\n".join(lines) + "\n"


def _lines(entry: Entry, *, colour: bool) -> list[str]:
    finding = entry.finding
    severity = _style(f"{finding.severity:<7}", colour, fg=_COLOURS[finding.severity])
    below = [
        entry.occurrences,
        *finding.evidence,
        finding.witness,
        "" if finding.severity is Severity.NOTE else finding.why,
        entry.locations,
        finding.request,
    ]
    return [
        f"  {severity}  {_strip_controls(finding.message)}  [{finding.rule}]",
        *(f"           {_strip_controls(text)}" for text in below if text),
    ]


def _style(text: str, colour: bool, *, fg: str | None = None, bold: bool | None = None) -> str:  # noqa: FBT001
    return click.style(text, fg=fg, bold=bold) if colour else text


def _strip_controls(text: str) -> str:
    """Return `text` on one line, with spaces for control characters."""
    return text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)
