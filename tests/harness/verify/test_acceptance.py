"""Findings of `verify` that waivers and baselines accept, and new ones that still fail."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from statuspin.errors import CannotRun
from statuspin.findings import Finding, Severity
from statuspin.formats import Outcome, Report
from statuspin.report.conversion import convert_record
from statuspin.report.view import View
from statuspin.verify.acceptance import Acceptance
from statuspin.verify.record import create_record
from statuspin.verify.verdict import findings
from statuspin.verify.verification import Plan, Result
from tests.harness.http.server import Response
from tests.harness.verify.small import PATH, Items, small_contract
from tests.harness.verify.test_verification import run

TOMORROW = (datetime.now(UTC).date() + timedelta(days=1)).isoformat()
YESTERDAY = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()
PINS: dict[str, Any] = {
    "list_items": {"rows": [{"actor": "any", "answer": 200}]},
    "read_item": {**PATH, "states": ["new"], "rows": [{"actor": "owner", "answer": 200}]},
}
LIST_FAULT = {"GET /items": Response(403, {"message": "x"})}
READ_FAULT = {"GET /items/1": Response(404, {"message": "x"})}
WAIVER = {"rule": "status-undocumented", "operation": "list_items", "reason": "A proxy.", "expires": TOMORROW}


async def result_of(folder: Path, fault: dict[str, Response]) -> Result:
    result, _ = await run(small_contract(folder, PINS), Plan(fuzz=False, workers=1), Items(fault))
    return result


def accepted(result: Result, folder: Path, *, baseline: Path | None = None, write: bool = False) -> Report:
    judged = Acceptance.read(folder, None, baseline, write=write).apply(findings(result))
    return convert_record(json.loads(json.dumps(create_record(result, judged))))


def shown(report: Report) -> list[tuple[str, str, str]]:
    return [(each.rule, each.operation, each.severity.value) for each in report.findings]


@pytest.mark.parametrize("more", [{}, {"status": 403}, {"status": "403"}, {"place": "status 403"}, {"operation": "*"}])
async def test_a_waiver_accepts_a_finding_with_its_reason_in_every_format(tmp_path: Path, more):
    result = await result_of(tmp_path, LIST_FAULT)
    (tmp_path / "waivers.yaml").write_text(yaml.safe_dump([{**WAIVER, **more}]))
    report = accepted(result, tmp_path)
    assert (report.status, shown(report)) == (0, [("status-undocumented", "list_items", "note")])
    assert report.findings[0].message.endswith(f"Waived until {TOMORROW}: A proxy.")
    cases = {case.name: case.outcome for case in report.cases if case.operation == "list_items"}
    assert set(cases.values()) == {Outcome.SKIPPED}


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"status": 404}, "waiver-unused"),
        ({"rule": "pin-broken"}, "waiver-unused"),
        ({"operation": "read_item"}, "waiver-unused"),
        ({"expires": YESTERDAY}, "waiver-expired"),
    ],
)
async def test_an_unused_or_expired_waiver_is_reported(tmp_path: Path, more, rule):
    result = await result_of(tmp_path, LIST_FAULT)
    (tmp_path / "waivers.yaml").write_text(yaml.safe_dump([{**WAIVER, **more}]))
    report = accepted(result, tmp_path)
    assert report.status == 1
    assert ("status-undocumented", "list_items", "error") in shown(report)
    assert rule in {found for found, _, _ in shown(report)}


async def test_a_baseline_accepts_the_findings_of_today_and_fails_on_new_ones(tmp_path: Path):
    file = tmp_path / "sub" / "baseline.json"
    before = await result_of(tmp_path / "before", LIST_FAULT)
    assert accepted(before, tmp_path, baseline=file, write=True).status == 0
    same = accepted(await result_of(tmp_path / "same", LIST_FAULT), tmp_path, baseline=file)
    assert (same.status, shown(same)) == (0, [("status-undocumented", "list_items", "note")])
    assert same.findings[0].message.endswith(f"It is in the baseline {file}.")
    assert {case.outcome for case in same.cases if case.operation == "list_items"} == {Outcome.SKIPPED}
    worse = accepted(await result_of(tmp_path / "worse", LIST_FAULT | READ_FAULT), tmp_path, baseline=file)
    assert worse.status == 1
    assert ("pin-broken", "read_item", "error") in shown(worse)


async def test_fixed_findings_of_a_baseline_are_counted(tmp_path: Path):
    file = tmp_path / "baseline.json"
    accepted(await result_of(tmp_path / "before", LIST_FAULT), tmp_path, baseline=file, write=True)
    report = accepted(await result_of(tmp_path / "after", {}), tmp_path, baseline=file)
    assert [(each.rule, each.message) for each in report.findings] == [
        ("baseline-outdated", f"1 finding of the baseline was not found; update {file} with --write-baseline")
    ]


async def test_the_badge_of_a_run_with_accepted_findings_is_limited(tmp_path: Path):
    result = await result_of(tmp_path, LIST_FAULT)
    (tmp_path / "waivers.yaml").write_text(yaml.safe_dump([WAIVER]))
    judged = Acceptance.read(tmp_path, None, None, write=False).apply(findings(result))
    record = {**create_record(result, judged), "whole": True}
    assert View(record).verdict == "every promise that was tested is kept"


def test_a_finding_is_known_with_another_request_or_count(tmp_path: Path):
    def found(place: str, after: str) -> list[Finding]:
        return [
            Finding("fuzzer-ignored-auth", Severity.ERROR, "list_items", place, "m", after="200"),
            Finding("pin-broken", Severity.ERROR, "take_item", "20 at once", "m", before="200 × 1", after=after),
        ]

    file = tmp_path / "baseline.json"
    Acceptance.read(tmp_path, None, file, write=True).apply(found("GET /items?q=1", "200 × 2"))
    judged = Acceptance.read(tmp_path, None, file, write=False).apply(found("GET /items?q=2", "200 × 3"))
    assert {each.severity for each in judged} == {Severity.NOTE}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "does not exist; --write-baseline creates it from the current findings"),
        ("{}", "not a baseline; `statuspin verify --baseline"),
        (
            '{"format": 1, "findings": [1]}',
            "finding 1: expected an object with rule, operation, place",
        ),
    ],
)
def test_an_invalid_baseline_is_one_line(tmp_path: Path, text, said):
    file = tmp_path / "baseline.json"
    if text:
        file.write_text(text)
    with pytest.raises(CannotRun, match=said):
        Acceptance.read(tmp_path, None, file, write=False)


def test_an_error_if_a_written_baseline_has_no_file(tmp_path: Path):
    with pytest.raises(CannotRun, match="--write-baseline needs --baseline"):
        Acceptance.read(tmp_path, None, None, write=True)


@pytest.mark.parametrize(
    ("waiver", "said"),
    [
        ({**WAIVER, "status": 99}, "`status` has to be a status such as 404 or 4XX, not 99"),
        ({**WAIVER, "rule": "operation-removed", "status": 404}, "`status` is for findings of `verify`"),
        ({**WAIVER, "rule": "status-undocumentd"}, "unknown rule status-undocumentd"),
    ],
)
def test_a_malformed_waiver_is_one_line(tmp_path: Path, waiver, said):
    (tmp_path / "waivers.yaml").write_text(yaml.safe_dump([waiver]))
    with pytest.raises(CannotRun, match=said):
        Acceptance.read(tmp_path, None, None, write=False)
