"""Write findings as workflow commands, which GitHub shows as annotations of the file."""

from statuspin.findings import Finding, Location, Severity
from statuspin.formats.entries import describe, join_sentences
from statuspin.formats.report import Report

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_IN_DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_IN_PROPERTIES = (*_IN_DATA, (":", "%3A"), (",", "%2C"))


def render(report: Report) -> str:
    """Return a line such as `::error file=…,title=…::message` per finding and uncompared difference, and the tally."""
    lines = [_line(finding, report.file) for finding in report.findings]
    lines += [f"::notice title=not compared::{_escape(describe(each), _IN_DATA)}" for each in report.not_compared]
    return "\n".join([*lines, _escape(report.tally, _IN_DATA)]) + "\n"


def _line(finding: Finding, file: str) -> str:
    place = finding.new or finding.old or Location(file)
    properties = {"file": place.file, "line": place.line, "col": place.column, "title": finding.title or finding.rule}
    listed = ",".join(f"{name}={_escape(str(value), _IN_PROPERTIES)}" for name, value in properties.items() if value)
    message = join_sentences((finding.message, *finding.evidence, finding.witness, finding.why))
    if finding.request:
        message += f" To reproduce it, run: {finding.request}"
    return f"::{_COMMANDS[finding.severity]} {listed}::{_escape(message, _IN_DATA)}"


def _escape(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for letter, code in pairs:
        text = text.replace(letter, code)
    return text
