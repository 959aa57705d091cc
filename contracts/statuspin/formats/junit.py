"""Write a report as JUnit XML: a test case for each case of a run, or for each finding of a comparison."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from statuspin.findings import Finding, Severity
from statuspin.formats.entries import describe
from statuspin.formats.report import Case, Outcome, Report

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """Return a `testsuites` element with one `testsuite`.

    If the report has cases, each becomes a test case. Otherwise each finding does: an error is a failure, and a warning
    or note is the output of a passed test case. Uncompared differences are skipped test cases.
    """
    cases = [_render_case(case, report) for case in report.cases] or list(_render_findings(report))
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": "0",
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
        "time": f"{sum(case.seconds for case in report.cases):.3f}" if report.cases else "0",
    }
    suites = ET.Element("testsuites", {"name": _clean(report.tool)} | counts)
    suite = ET.SubElement(suites, "testsuite", {"name": _clean(report.title or report.tool)} | counts)
    suite.extend(cases)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _render_case(case: Case, report: Report) -> ET.Element:
    element = _case(report, case.name, case.operation, f"{case.seconds:.3f}")
    text = "\n".join(part for part in (case.message, case.request) if part)
    if case.outcome is Outcome.FAILED:
        _add_failure(element, case.message, "failed", text)
    elif case.outcome is Outcome.SKIPPED:
        ET.SubElement(element, "skipped", {"message": _clean(case.message)})
    elif text:
        ET.SubElement(element, "system-out").text = _clean(text)
    return element


def _render_findings(report: Report) -> Iterator[ET.Element]:
    for finding in report.findings:
        yield _render_finding(finding, report)
    for each in report.not_compared:
        case = _case(report, each.subject, "not compared")
        ET.SubElement(case, "skipped", {"message": _clean(describe(each))})
        yield case
    if not report.findings and not report.not_compared:
        yield _case(report, report.words.nothing, "")


def _render_finding(finding: Finding, report: Report) -> ET.Element:
    place = " · ".join(part for part in (finding.place, finding.rule) if part)
    case = _case(report, place, finding.operation)
    parts = (finding.message, *finding.evidence, finding.witness, finding.why, finding.request)
    text = "\n".join(part for part in parts if part)
    if finding.severity is Severity.ERROR:
        _add_failure(case, finding.message, finding.rule, text)
    else:
        ET.SubElement(case, "system-out").text = _clean(f"{finding.severity}: {text}")
    return case


def _add_failure(case: ET.Element, message: str, kind: str, text: str) -> None:
    failure = ET.SubElement(case, "failure", {"message": _clean(message), "type": kind})
    failure.text = _clean(text)


def _case(report: Report, name: str, group: str, time: str = "0") -> ET.Element:
    attributes = {"name": _clean(name), "classname": _clean(group) or _clean(report.tool), "time": time}
    return ET.Element("testcase", attributes)


def _clean(text: str) -> str:
    """Return `text` with U+FFFD for each character that XML does not allow."""
    return _NO_XML.sub("\ufffd", text)
