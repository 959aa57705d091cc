"""Write findings as SARIF 2.1.0, the format of code scanning."""

import json
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from statuspin.findings import Finding, Location
from statuspin.formats.entries import describe, join_sentences
from statuspin.formats.report import Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: Report) -> str:
    """Return a log with one run. Each rule id is a rule, and each finding is a result."""
    rules = sorted({finding.rule for finding in report.findings})
    run = {
        "tool": {"driver": {"name": report.tool, "rules": [_rule(rule, report) for rule in rules]}},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notifications(report)}],
        "results": [_result(finding, rules.index(finding.rule), report.file) for finding in report.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: str, report: Report) -> dict[str, Any]:
    why = next((finding.why for finding in report.findings if finding.rule == rule and finding.why), "")
    name = rule.replace("-", " ")
    return {"id": rule, "shortDescription": {"text": name}, "fullDescription": {"text": why or name}}


def _notifications(report: Report) -> list[dict[str, Any]]:
    return [{"level": "note", "message": {"text": f"not compared: {describe(each)}"}} for each in report.not_compared]


def _result(finding: Finding, index: int, file: str) -> dict[str, Any]:
    location = _location(finding.new or finding.old or Location(file))
    if finding.title:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.title}]
    result = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": str(finding.severity),
        "message": {"text": join_sentences(_parts(finding))},
        "locations": [location],
        "partialFingerprints": {"finding/v1": finding.fingerprint},
        "properties": {"before": finding.before, "after": finding.after, "request": finding.request},
    }
    if finding.old and finding.new:
        result["relatedLocations"] = [_location(finding.old) | {"id": 0, "message": {"text": "before"}}]
    return result


def _location(place: Location) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.file)}}
    if place.line is not None:
        physical["region"] = {"startLine": place.line, "startColumn": place.column}
    return {"physicalLocation": physical}


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _parts(finding: Finding) -> tuple[str, ...]:
    return (finding.message, *finding.evidence, finding.witness, finding.why)
