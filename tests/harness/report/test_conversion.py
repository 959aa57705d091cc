"""Convert the record of a run to cases and findings, in the formats of CI systems."""

import json
from copy import deepcopy
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from statuspin.errors import CannotRun
from statuspin.formats import Outcome, render
from statuspin.report.badge import draw_badge
from statuspin.report.conversion import convert_record
from statuspin.report.rendering import render_page
from tests.harness.report.samples import HOSTILE


@pytest.fixture
def plain(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record with a pin of each verdict, two fuzzed operations, and one finding about a pin."""
    plain = deepcopy(record)
    plain["pins"][1] |= {"id": "op_0 · owner · missing", "reason": ""}
    complaint = {"check": "not_a_server_error", "operation": "op_1", "title": "Server error", "message": "500"}
    plain["fuzzer"] |= {
        "complaints": [complaint | {"exchange": 3}],
        "operations": [
            {"operation": "op_0", "cases": 3, "seconds": 0.25},
            {"operation": "op_1", "cases": 1, "seconds": 0.5},
        ],
    }
    broken, fuzzed = plain["findings"]
    texts = {"operation": "op_0", "place": "owner · missing", "message": "promised 404, observed 200"}
    plain["findings"] = [
        broken | texts,
        fuzzed | {"rule": "fuzzer-not-a-server-error", "operation": "op_1", "place": "GET /", "severity": "error"},
        broken | {"rule": "status-unobserved", "operation": "op_1", "place": "status 404", "message": "never observed"},
    ]
    return plain


def test_each_pin_and_each_operation_is_a_case(plain: dict[str, Any]) -> None:
    cases = [(each.operation, each.name, each.outcome.value, each.seconds) for each in convert_record(plain).cases]

    assert cases == [
        ("op_0", "owner", "passed", 0.1),
        ("op_0", "owner · missing", "failed", 0.1),
        ("op_2", "owner", "skipped", 0.1),
        ("op_0", "fuzzer", "passed", 0.25),
        ("op_1", "fuzzer", "failed", 0.5),
        ("op_2", "fuzzer", "skipped", 0.0),
        ("op_3", "fuzzer", "skipped", 0.0),
        ("op_4", "fuzzer", "skipped", 0.0),
        ("op_5", "fuzzer", "skipped", 0.0),
        ("op_1", "status 404 · status-unobserved", "failed", 0.0),
    ]


def test_failed_cases_and_findings_have_their_request(plain: dict[str, Any]) -> None:
    report = convert_record(plain)

    requests = {f"{case.operation} · {case.name}": case.request[:30] for case in report.cases if case.request}
    assert requests == {
        "op_0 · owner · missing": "curl http://127.0.0.1:1/a/1?x=",
        "op_1 · fuzzer": "curl http://127.0.0.1:1/a/3?x=",
        "op_1 · status 404 · status-unobserved": "curl http://127.0.0.1:1/a/1?x=",
    }
    assert all(finding.request for finding in report.findings)


def test_junit_has_seconds_messages_requests_and_reasons(plain: dict[str, Any]) -> None:
    suites = ET.fromstring(render(convert_record(plain), "junit"))

    assert {name: suites.get(name) for name in ("tests", "failures", "skipped", "errors", "time")} == {
        "tests": "10", "failures": "3", "skipped": "5", "errors": "0", "time": "1.050",
    }  # fmt: skip
    cases = {(case.get("classname"), case.get("name")): case for case in suites.iter("testcase")}
    failure = cases["op_0", "owner · missing"].find("failure")
    assert failure.get("message") == "promised 404, observed 200"
    assert "curl http://127.0.0.1:1/a/1" in failure.text
    assert cases["op_2", "owner"].find("skipped").get("message") == "no token"
    assert cases["op_3", "fuzzer"].find("skipped").get("message") == "the fuzzer did not send it a request"
    assert cases["op_0", "owner"].get("time") == "0.100"


def test_json_counts_the_outcomes_and_keeps_the_keys_of_findings(plain: dict[str, Any]) -> None:
    whole = json.loads(render(convert_record(plain), "json"))

    assert whole["outcomes"] == {"passed": 2, "failed": 3, "skipped": 5}
    assert whole["counts"] == {"error": 3, "warning": 0, "note": 0}
    assert whole["findings"][0]["rule"] == "pin-broken"
    assert len(whole["cases"]) == 10


def test_sarif_has_lines_and_fingerprints(plain: dict[str, Any]) -> None:
    result, *_ = json.loads(render(convert_record(plain), "sarif"))["runs"][0]["results"]

    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "pins.yaml"}, "region": {"startLine": 3, "startColumn": 5},
    }  # fmt: skip
    assert len(result["partialFingerprints"]["finding/v1"]) == 64


def test_a_summary_in_markdown_counts_cases_and_shows_requests(plain: dict[str, Any]) -> None:
    text = render(convert_record(plain), "markdown")

    assert "**3 errors**\n\n2 passed, 3 failed, 5 skipped\n" in text
    assert "  ```sh\n  curl http://127.0.0.1:1/a/1" in text


def test_skipped_cases_fail_the_run_only_on_demand(plain: dict[str, Any]) -> None:
    plain["findings"], plain["fuzzer"] = [], None
    plain["pins"] = [each for each in plain["pins"] if each["verdict"] != "broken"]

    assert convert_record(plain).status == 0
    assert convert_record(plain, fail_on_skipped=True).status == 1
    assert convert_record(plain).tally == "every promise that was tested is kept"


def test_an_error_if_the_record_is_incomplete(plain: dict[str, Any]) -> None:
    del plain["pins"][0]["seconds"]

    with pytest.raises(CannotRun, match="the record of the run is incomplete: 'seconds'"):
        convert_record(plain)
    with pytest.raises(CannotRun, match="the record of the run is incomplete"):
        draw_badge({"cells": [{}]})


@pytest.mark.parametrize(
    ("changes", "value", "colour"),
    [
        ({}, "2 of 4 observed, with errors", "#b3261e"),
        ({"findings": []}, "2 of 4 observed", "#9a6700"),
        ({"findings": [], "pins": [], "whole": True}, "1 of 1 observed", "#2e7d32"),
    ],
)
def test_a_badge_has_the_number_of_observed_promises(plain, changes, value: str, colour: str) -> None:
    cells = plain["cells"][:1] if changes.get("whole") else plain["cells"]

    image = draw_badge({**plain, "cells": cells, **changes})

    assert ET.fromstring(image).get("aria-label") == f"promised statuses: {value}"
    assert f'fill="{colour}"' in image
    assert image.count("http") == 1  # the name space


def test_the_page_has_a_trend_if_earlier_records_are_given(plain: dict[str, Any]) -> None:
    earlier = {**plain, "finished": "2026-01-30T10:00:00+00:00", "level": 2}

    text = render_page(plain, None, [earlier])

    assert "Trend" not in render_page(plain)
    assert text.index("2026-01-30T10:00:00") < text.index('<h2 id="matrix">')
    assert '<polyline points="8.0,60.0 592.0,60.0"' in text


def test_the_verdict_of_a_run_with_skipped_pins_is_limited(plain) -> None:
    plain["findings"] = []

    assert "every promise that was tested is kept" in render_page({**plain, "whole": True})
    assert "every promise is kept" in render_page({**plain, "whole": True, "pins": plain["pins"][:1]})


def test_hostile_texts_are_escaped_in_requests(record: dict[str, Any]) -> None:
    assert HOSTILE not in render_page(record)
    assert convert_record(record).outcomes[Outcome.FAILED] > 0
