"""The records of shards become the record of one run, with the promises that none of them observed."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from statuspin.errors import CannotRun
from statuspin.findings import Finding, Severity
from statuspin.report.conversion import convert_record
from statuspin.report.merging import merge_records
from tests.harness.report.samples import STATES

OBSERVED, UNOBSERVED, SKIPPED = STATES[:3]


@pytest.fixture
def shards(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Two shards: the first observed a status that the second did not, and neither observed another."""
    first, second = deepcopy(record), deepcopy(record)
    for number, shard in enumerate((first, second), 1):
        shard["shard"] = {"number": number, "total": 2, "whole": True}
        shard["resends"] = {"closed": number}
        shard["unfinished"] = []
        shard["findings"] = []
        shard["wanted_level"] = 4
        shard["cells"] = [
            {"operation": "op_0", "status": "200", "state": OBSERVED, "count": 3, "exchanges": [0]},
            {"operation": "op_1", "status": "404", "state": UNOBSERVED, "count": 0, "exchanges": []},
        ]
    second["cells"][0] |= {"state": UNOBSERVED, "count": 0, "exchanges": []}
    first["pins"], second["pins"] = first["pins"][:1], second["pins"][1:2]
    second["criteria"] = [{"level": 4, "name": "parameters", "wanted": 3, "covered": 2, "missing": ["a · x"]}]
    return [first, second]


def test_cells_pins_and_figures_are_those_of_all_shards(shards: list[dict[str, Any]]) -> None:
    merged = merge_records(shards)

    assert [(cell["status"], cell["state"], cell["count"]) for cell in merged["cells"]] == [
        ("200", OBSERVED, 3), ("404", UNOBSERVED, 0),
    ]  # fmt: skip
    assert [pin["verdict"] for pin in merged["pins"]] == ["kept", "broken"]
    assert (merged["requests"], merged["resends"], merged["whole"], merged["shard"]) == (14, {"closed": 3}, True, None)
    assert merged["fuzzer"]["cases"] == 6
    assert merged["criteria"][0] | {"name": ""} == {
        "level": 4,
        "name": "",
        "wanted": 3,
        "covered": 2,
        "missing": ["a · x"],
    }


def test_exchanges_are_renumbered(shards: list[dict[str, Any]]) -> None:
    merged = merge_records(shards)

    count = len(shards[0]["exchanges"])
    assert len(merged["exchanges"]) == 2 * count
    assert merged["pins"][1]["request"] == shards[1]["pins"][0]["request"] + count
    assert merged["pins"][1]["exchanges"] == [each + count for each in shards[1]["pins"][0]["exchanges"]]
    assert [each["exchange"] for each in merged["fuzzer"]["complaints"]] == [0, count]


def test_a_promise_that_no_shard_observed_and_a_missed_level_are_findings(shards: list[dict[str, Any]]) -> None:
    found = [(each.rule, each.operation, each.place) for each in convert_record(merge_records(shards)).findings]

    assert found == [("status-unobserved", "op_1", "status 404"), ("coverage-level", "", "coverage")]


def test_a_merged_part_has_no_findings_about_the_rest(shards: list[dict[str, Any]]) -> None:
    shards[0]["shard"]["whole"] = False

    assert merge_records(shards)["findings"] == []


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ([0], "missing shards: 2/2; pass the records of all shards"),
        ([0, 1, 1], "a shard is given twice"),
        ([0, None], "a record comes from a run without --shard"),
    ],
)
def test_an_error_if_the_shards_are_not_one_run(shards, chosen, message: str) -> None:
    records = [{**shards[0], "shard": None} if number is None else shards[number] for number in chosen]

    with pytest.raises(CannotRun, match=message):
        merge_records(records)


def test_an_error_if_the_shards_have_different_contracts(shards: list[dict[str, Any]]) -> None:
    shards[1]["contract"] = {**shards[1]["contract"], "release": "2.0.0"}

    with pytest.raises(CannotRun, match="the shards differ in their contract"):
        merge_records(shards)


def test_an_error_if_a_shard_is_incomplete(shards: list[dict[str, Any]]) -> None:
    del shards[1]["requests"]

    with pytest.raises(CannotRun, match="the record of a shard is incomplete: 'requests'"):
        merge_records(shards)


def test_findings_that_only_all_shards_have_can_be_accepted(shards: list[dict[str, Any]]) -> None:
    def judge(findings: list[Finding]) -> list[Finding]:
        unused = Finding("waiver-unused", Severity.WARNING, "", "", "A waiver is about nothing.")
        return [*(replace(each, severity=Severity.NOTE, accepted="known") for each in findings), unused]

    report = convert_record(merge_records(shards, judge))

    assert [(each.rule, each.severity, each.accepted) for each in report.findings] == [
        ("status-unobserved", Severity.NOTE, "known"), ("coverage-level", Severity.NOTE, "known"),
    ]  # fmt: skip
    assert report.status == 0
