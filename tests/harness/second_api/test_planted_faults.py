"""The harness on a second API: the correct library passes, and each of ten planted faults is found."""

import json
import re
import shutil
from dataclasses import dataclass

import pytest

from tests.harness.second_api.library import FAULTS
from tests.harness.second_api.runs import CONTRACT, Run, library, statuspin, verify

PINS = ("--no-fuzz",)
FUZZER = ("--no-pins", "--examples", "2")
WHOLE = ("--examples", "1")
MANY = r"200 × ([2-9]|1\d|20)(, 409 × \d+)?"


@dataclass(frozen=True)
class ExpectedFinding:
    """A fault, the options of the run, and the expected finding.

    `after` is a pattern of the finding's value. `words` are parts of its message or its evidence.
    """

    fault: str
    options: tuple[str, ...]
    operation: str
    rule: str
    before: str
    after: str
    words: tuple[str, ...] = ()


EXPECTED_FINDINGS = (
    ExpectedFinding("wrong-status", WHOLE, "return_book", "pin-broken", "403", "404", ("other reader · borrowed",)),
    ExpectedFinding(
        "wrong-status", WHOLE, "return_book", "pin-broken", "403", "404", ("403 of return_book is promised",)
    ),
    ExpectedFinding(
        "undocumented-status",
        FUZZER,
        "list_books",
        "status-undocumented",
        "",
        "400",
        ("fuzzer Undocumented status code",),
    ),
    ExpectedFinding("crash", PINS, "add_book", "status-never", "never", "500", ("a NUL in the title",)),
    ExpectedFinding(
        "schema-violation", FUZZER, "list_books", "fuzzer-response-schema-conformance", "", "200", ("integer",)
    ),
    ExpectedFinding("missing-header", PINS, "add_book", "pin-broken", "201", "201", ("Location is missing",)),
    ExpectedFinding("auth-ignored", FUZZER, "list_books", "fuzzer-ignored-auth", "", "200"),
    ExpectedFinding("validation-gap", FUZZER, "add_book", "fuzzer-negative-data-rejection", "", "201"),
    ExpectedFinding("lost-update", PINS, "borrow_book", "pin-broken", "200 × 1, 409 × 19", MANY, ("20 at once",)),
    ExpectedFinding("message-changed", PINS, "delete_book", "pin-broken", "409", "409", ("'Somebody has the book'",)),
    ExpectedFinding("stale-state", PINS, "delete_book", "pin-broken", "204", "204", ("step list_books as reader",)),
)
RUNS = tuple(dict.fromkeys((found.fault, found.options) for found in EXPECTED_FINDINGS))


def name_run(run):
    fault, options = run
    return f"{fault}, {'pins' if options is PINS else 'fuzzer' if options is FUZZER else 'whole'}"


def matches(found: ExpectedFinding, finding: dict) -> bool:
    return bool(
        (finding["operation"], finding["rule"], finding["before"]) == (found.operation, found.rule, found.before)
        and re.fullmatch(found.after, finding["after"])
        and all(word in "\n".join([finding["message"], *finding.get("evidence", [])]) for word in found.words)
    )


def format_findings(run: Run) -> str:
    return "\n".join(str(finding) for finding in run.errors) or run.output + run.complaints


def test_the_contract_is_complete():
    run = statuspin("lint", "--contract", str(CONTRACT), "--format", "json")
    assert (run.status, run.findings) == (0, [])


def test_every_fault_has_a_run_and_three_only_by_the_fuzzer():
    assert {fault for fault, _ in RUNS} == set(FAULTS)
    assert len(FAULTS) == 10
    assert len({fault for fault, options in RUNS if options is FUZZER}) >= 3


def test_the_library_without_faults_passes(tmp_path):
    with library() as url:
        run = verify(url, tmp_path, "--allow-writes", "--examples", "10", "--workers", "4")
        record = json.loads((tmp_path / "run.json").read_text())
    assert (run.status, run.findings) == (0, []), format_findings(run)
    assert {pin["verdict"] for pin in record["pins"]} == {"kept"}
    assert (record["whole"], record["level"]) == (True, 7)
    assert record["fuzzer"]["cases"] > 100


@pytest.mark.parametrize("looked", RUNS, ids=name_run)
def test_a_planted_fault_is_found(tmp_path, looked):
    fault, options = looked
    with library("--fault", fault) as url:
        run = verify(url, tmp_path, "--allow-writes", "--workers", "4", *options)
    assert run.status == 1, run.complaints
    wanted = [found for found in EXPECTED_FINDINGS if (found.fault, found.options) == looked]
    if options is PINS and fault != "missing-header":  # because no state can be created
        assert {finding["operation"] for finding in run.errors} == {found.operation for found in wanted}, (
            format_findings(run)
        )
    for found in wanted:
        assert any(matches(found, finding) for finding in run.errors), f"{found}\n{format_findings(run)}"


def test_nothing_is_written_without_permission(tmp_path):
    log = tmp_path / "requests.txt"
    with library("--log", str(log)) as url:
        run = verify(url, tmp_path, "--examples", "10", "--workers", "4")
    assert {line.split()[0] for line in log.read_text().splitlines()} <= {"GET", "HEAD", "OPTIONS"}
    assert (run.status, run.errors) == (0, []), format_findings(run)
    notes = [finding for finding in run.findings if finding["rule"] == "pins-skipped"]
    assert {finding["severity"] for finding in notes} == {"note"}
    assert any("only with --allow-writes" in finding["message"] for finding in notes)


def test_pins_are_broken_if_the_media_type_is_wrong(tmp_path):
    with library("--fault", "schema-violation") as url:
        run = verify(url, tmp_path, "--allow-writes", "--no-fuzz", "--only", "list_books")
    assert (run.status, "Traceback" in run.complaints) == (1, False), run.complaints
    assert {finding["rule"] for finding in run.errors} == {"pin-broken"}


def test_races_are_skipped_on_demand(tmp_path):
    with library("--fault", "lost-update") as url:
        run = verify(url, tmp_path, "--allow-writes", "--no-fuzz", "--no-races", "--only", "borrow_book")
    assert (run.status, run.errors) == (0, []), format_findings(run)


def test_a_broken_pin_is_reported_if_its_state_cannot_be_undone(tmp_path):
    contract = tmp_path / "contract"
    shutil.copytree(CONTRACT, contract)
    pins = (contract / "pins.yaml").read_text()
    undo = 'query: {force: "true"}}, answer: 204}'
    (contract / "pins.yaml").write_text(pins.replace(undo, undo.replace("204", "200"), 1))
    with library("--fault", "message-changed") as url:
        run = verify(url, tmp_path, "--allow-writes", "--only", "delete_book · librarian · borrowed", contract=contract)
    detail = "\n".join(finding["message"] for finding in run.errors)
    assert "Somebody has the book" in detail
