"""Findings as workflow commands, which GitHub shows beside the file."""

from statuspin.findings import Finding, Severity
from statuspin.formats.report import Report

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_IN_DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_IN_PROPERTIES = (*_IN_DATA, (":", "%3A"), (",", "%2C"))


def render(report: Report) -> str:
    """One `::error file=…,title=…::message` line for each finding, and the tally."""
    lines = [_line(finding, report.file) for finding in report.findings]
    return "\n".join([*lines, _escaped(report.tally, _IN_DATA)]) + "\n"


def _line(finding: Finding, file: str) -> str:
    properties = {"file": file, "title": finding.title or finding.rule}
    told = ",".join(f"{name}={_escaped(value, _IN_PROPERTIES)}" for name, value in properties.items() if value)
    message = f"{finding.message} {finding.why}".strip()
    return f"::{_COMMANDS[finding.severity]} {told}::{_escaped(message, _IN_DATA)}"


def _escaped(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for letter, code in pairs:
        text = text.replace(letter, code)
    return text
