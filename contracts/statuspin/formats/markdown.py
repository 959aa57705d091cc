"""Write findings as a changelog in Markdown, for a pull request or a job summary."""

import re

from statuspin.formats.entries import Entry, describe, group_entries
from statuspin.formats.report import Report

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#])")


def render(report: Report) -> str:
    """Return a heading, the tally, the number of cases by outcome, and a list of findings for each operation."""
    parts = [f"## {_text(report.title or report.tool)}", f"**{_text(report.tally)}**"]
    parts += [_outcomes(report)] if report.cases else []
    parts += [_text(report.advice)] if report.advice else []
    for heading, entries in group_entries(report):
        parts.append(f"### {_text(heading) or 'General'}")
        parts.append("\n".join(_item(entry, report) for entry in entries))
    if report.not_compared:
        parts.append("### Not compared")
        parts.append("\n".join(f"- {_text(describe(each))}" for each in report.not_compared))
    return "\n\n".join(parts) + "\n"


def _outcomes(report: Report) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in report.outcomes.items())


def _item(entry: Entry, report: Report) -> str:
    finding = entry.finding
    lines = [f"- **{report.words.name(finding.severity)}** {_text(finding.message)} {_code(finding.rule)}"]
    lines += [
        f"  {_text(text)}" for text in (entry.occurrences, *finding.evidence, finding.witness, finding.why) if text
    ]
    lines += [f"  {_code(entry.locations)}"] if entry.locations else []
    return "  \n".join(lines) + _block(finding.request)


def _block(command: str) -> str:
    """Return a command as a code block below a list item."""
    fence = "`" * (max([3, *(len(run) + 1 for run in re.findall("`+", command))]))
    return f"\n\n  {fence}sh\n  {command}\n  {fence}" if command else ""


def _text(text: str) -> str:
    """Return `text` on one line, with special characters and @mentions escaped."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split())).replace("@", "&#64;")


def _code(text: str) -> str:
    return f"`{' '.join(text.split()).replace('`', chr(39))}`"
