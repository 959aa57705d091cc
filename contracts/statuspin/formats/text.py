"""Findings for a terminal, grouped by operation, the most severe first."""

import click

from statuspin.findings import Severity
from statuspin.formats.entries import Entry, grouped, said
from statuspin.formats.report import Report

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def render(report: Report, *, colour: bool = False) -> str:
    """Return the title, the findings of each operation, what was not compared, and the tally in the last line."""
    lines = [_plain(report.title), ""] if report.title else []
    for heading, entries in grouped(report):
        lines.append(_styled(_plain(heading) or "The whole", colour, bold=True))
        for entry in entries:
            lines += _lines(entry, colour=colour)
        lines.append("")
    if report.not_compared:
        lines.append(_styled("Not compared", colour, bold=True))
        lines += [f"  {_plain(said(each))}" for each in report.not_compared]
        lines.append("")
    lines.append(_styled(report.tally, colour, bold=True))
    return "\n".join(lines) + "\n"


def _lines(entry: Entry, *, colour: bool) -> list[str]:
    finding = entry.finding
    severity = _styled(f"{finding.severity:<7}", colour, fg=_COLOURS[finding.severity])
    below = [
        entry.where,
        *finding.evidence,
        finding.witness,
        "" if finding.severity is Severity.NOTE else finding.why,
        entry.lines,
        finding.request,
    ]
    return [
        f"  {severity}  {_plain(finding.message)}  [{finding.rule}]",
        *(f"           {_plain(text)}" for text in below if text),
    ]


def _styled(text: str, colour: bool, *, fg: str | None = None, bold: bool | None = None) -> str:  # noqa: FBT001
    return click.style(text, fg=fg, bold=bold) if colour else text


def _plain(text: str) -> str:
    """Return `text` in one line, without characters that control a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
