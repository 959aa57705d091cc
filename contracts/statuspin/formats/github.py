"""Findings as workflow commands, which GitHub shows beside the file."""

from statuspin.findings import Finding, Location, Severity
from statuspin.formats.entries import said
from statuspin.formats.report import Report

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_IN_DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_IN_PROPERTIES = (*_IN_DATA, (":", "%3A"), (",", "%2C"))


def render(report: Report) -> str:
    """Return one `::error file=…,title=…::message` line for each finding, what was not compared, and the tally."""
    lines = [_line(finding, report.file) for finding in report.findings]
    lines += [f"::notice title=not compared::{_escaped(said(each), _IN_DATA)}" for each in report.not_compared]
    return "\n".join([*lines, _escaped(report.tally, _IN_DATA)]) + "\n"


def _line(finding: Finding, file: str) -> str:
    place = finding.new or finding.old or Location(file)
    properties = {"file": place.file, "line": place.line, "col": place.column, "title": finding.title or finding.rule}
    listed = ",".join(f"{name}={_escaped(str(value), _IN_PROPERTIES)}" for name, value in properties.items() if value)
    request = f"Repeat it: {finding.request}" if finding.request else ""
    parts = (finding.message, *finding.evidence, finding.witness, finding.why, request)
    message = " ".join(part for part in parts if part)
    return f"::{_COMMANDS[finding.severity]} {listed}::{_escaped(message, _IN_DATA)}"


def _escaped(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for letter, code in pairs:
        text = text.replace(letter, code)
    return text
