"""Findings as JUnit XML: a test case for each, failed where the finding is an error."""

import re
from xml.etree import ElementTree as ET

from statuspin.findings import Finding, Severity
from statuspin.formats.entries import said
from statuspin.formats.report import Report

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """testsuites > testsuite > testcase; errors fail, warnings and notes are output of a case that passed.

    What was not compared is skipped.
    """
    counts = {
        "tests": str(len(report.findings) + len(report.not_compared) or 1),
        "failures": str(report.counts[Severity.ERROR]),
        "errors": "0",
        "skipped": str(len(report.not_compared)),
        "time": "0",
    }
    suites = ET.Element("testsuites", {"name": _clean(report.tool)} | counts)
    suite = ET.SubElement(suites, "testsuite", {"name": _clean(report.title or report.tool)} | counts)
    for finding in report.findings:
        _add_case(suite, finding, report)
    for each in report.not_compared:
        case = _case(suite, report, _clean(each.subject), "not compared")
        ET.SubElement(case, "skipped", {"message": _clean(said(each))})
    if not report.findings and not report.not_compared:
        _case(suite, report, _clean(report.words.nothing), "")
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _add_case(suite: ET.Element, finding: Finding, report: Report) -> None:
    place = " · ".join(part for part in (finding.place, finding.rule) if part)
    case = _case(suite, report, _clean(place), _clean(finding.operation))
    text = "\n".join(part for part in (finding.message, finding.witness, finding.why) if part)
    if finding.severity is Severity.ERROR:
        failure = ET.SubElement(case, "failure", {"message": _clean(finding.message), "type": finding.rule})
        failure.text = _clean(text)
    else:
        ET.SubElement(case, "system-out").text = _clean(f"{finding.severity}: {text}")


def _case(suite: ET.Element, report: Report, name: str, group: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", {"name": name, "classname": group or _clean(report.tool), "time": "0"})


def _clean(text: str) -> str:
    """`text` with U+FFFD for each character that XML cannot hold."""
    return _NO_XML.sub("\ufffd", text)
