"""Findings as SARIF 2.1.0, which code scanning reads."""

import hashlib
import json
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from statuspin.findings import Finding
from statuspin.formats.report import Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: Report) -> str:
    """A log of one run, with a rule for each rule id and a result for each finding."""
    rules = sorted({finding.rule for finding in report.findings})
    run = {
        "tool": {"driver": {"name": report.tool, "rules": [_rule(rule, report) for rule in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, rules.index(finding.rule), report.file) for finding in report.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: str, report: Report) -> dict[str, Any]:
    why = next((finding.why for finding in report.findings if finding.rule == rule and finding.why), "")
    name = rule.replace("-", " ")
    return {"id": rule, "shortDescription": {"text": name}, "fullDescription": {"text": why or name}}


def _result(finding: Finding, index: int, file: str) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _uri(file)}}}
    if finding.title:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.title}]
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": str(finding.severity),
        "message": {"text": f"{finding.message} {finding.why}".strip()},
        "locations": [location],
        "partialFingerprints": {"finding/v1": _fingerprint(finding)},
        "properties": {"before": finding.before, "after": finding.after},
    }


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _fingerprint(finding: Finding) -> str:
    told = "\0".join((finding.rule, finding.operation, finding.place, finding.before, finding.after))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
