"""Complete runs: the fuzzer, the record, the verdict, and runs that cannot continue."""

import asyncio
import gc
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from statuspin.contract.folder import Contract
from statuspin.contract.pins import Service
from statuspin.errors import CannotRun
from statuspin.findings import Severity
from statuspin.verify.fuzz_settings import Budget
from statuspin.verify.record import create_record, read, write
from statuspin.verify.service import StartedService
from statuspin.verify.target import RunningServer
from statuspin.verify.verdict import findings
from statuspin.verify.verification import Plan, Result, Verification
from tests.harness.http.server import Answers, Response, serve
from tests.harness.verify.small import PATH, Items, small_contract

PINS: dict[str, Any] = {
    "list_items": {"rows": [{"actor": "any", "answer": 200}]},
    "read_item": {**PATH, "states": ["new", "missing"], "rows": [
        {"actor": "owner", "state": "new", "answer": 200, "statements": 2},
        {"actor": "owner", "state": "missing", "answer": 404},
    ]},
}  # fmt: skip
QUICK = Budget(examples=4, seconds=5)
PINS_ONLY = Plan(fuzz=False, workers=1)


async def run(
    contract: Contract, plan: Plan, answers: Answers | None = None, tokens: Any = None
) -> tuple[Result, list[str]]:
    with serve(answers or Items()) as server:
        target = RunningServer(server.url, {"owner": "secret-token"} if tokens is None else tokens)
        result = await Verification(contract, target, plan).run()
        return result, [asked.method for asked in server.asked]


def summarize(result: Result) -> list[tuple[str, Severity, str]]:
    return [(each.rule, each.severity, each.message) for each in findings(result)]


async def test_two_runs_with_one_seed_send_the_same_requests(tmp_path: Path):
    contract = small_contract(tmp_path, PINS, fuzzer="owner")
    runs = [await run(contract, Plan(workers=1, budget=replace(QUICK, seed=seed))) for seed in (7, 7, 8)]
    first, again, other = (result.digest for result, _ in runs)
    assert first == again != other
    assert runs[0][0].fuzzed.cases > 20
    assert 20 < runs[0][0].requests <= len(runs[0][1])


async def test_several_workers_have_no_transcript(tmp_path: Path):
    assert (await run(small_contract(tmp_path, PINS), replace(PINS_ONLY, workers=2)))[0].digest == ""


async def test_the_fuzzer_finds_a_500(tmp_path: Path):
    contract = small_contract(tmp_path, PINS, fuzzer="owner")
    fault = Items({"GET /items": Response(500, {"message": "oh"})})
    result, _ = await run(contract, Plan(pins=False, workers=1, budget=QUICK), fault)
    assert ("not_a_server_error", "list_items") in {(each.check, each.operation) for each in result.fuzzed.failures}
    (fault,) = [each for each in findings(result) if each.operation == "list_items" and each.severity == "error"]
    assert (fault.rule, fault.after) == ("status-never", "500")
    assert any(re.fullmatch(r"fuzzer Server error \(GET /items.* → 500\)", each) for each in fault.evidence)


async def test_without_permission_to_write_only_reads_are_fuzzed(tmp_path: Path):
    _, methods = await run(small_contract(tmp_path, PINS), Plan(pins=False, writes=False, budget=QUICK))
    assert methods
    assert set(methods) <= {"GET", "HEAD", "OPTIONS"}


async def test_nothing_is_fuzzed_without_the_fuzzers_token(tmp_path: Path):
    result, methods = await run(
        small_contract(tmp_path, PINS, fuzzer="owner"), Plan(pins=False, budget=QUICK), tokens={}
    )
    assert methods == []
    assert ("fuzzer-hindered", Severity.WARNING) in {(rule, severity) for rule, severity, _ in summarize(result)}


async def test_a_run_of_kept_pins_has_no_finding(tmp_path: Path):
    result, _ = await run(small_contract(tmp_path, PINS), PINS_ONLY)
    assert summarize(result) == []
    assert not result.plan.is_complete


async def test_a_complete_run_reports_every_unobserved_promise(tmp_path: Path):
    result, _ = await run(
        small_contract(tmp_path, PINS, level=7), Plan(workers=1, budget=Budget(examples=1, phases=("examples",)))
    )
    found = {(each.rule, each.operation, each.place): each.message for each in findings(result)}
    assert (
        found["status-unobserved", "take_item", "status 409"]
        == "409 is promised, but was never observed; add a pin that provokes it"
    )
    assert found["coverage-level", "", "coverage"].startswith("the run reaches level ")


async def test_a_broken_pin_and_an_undocumented_status_are_findings(tmp_path: Path):
    fault = Items({"GET /items/1": Response(403, {"message": "x"})})
    result, _ = await run(small_contract(tmp_path, PINS), PINS_ONLY, fault)
    assert [(each.rule, each.severity, each.message, each.evidence) for each in findings(result)] == [
        (
            "status-undocumented",
            Severity.ERROR,
            "403 was observed once, but openapi.yaml does not document it",
            ("pin read_item · owner · new → promised 200, observed 403",),
        )
    ]


async def test_skipped_pins_are_counted_by_reason(tmp_path: Path):
    result, _ = await run(small_contract(tmp_path, PINS), PINS_ONLY, tokens={})
    assert summarize(result) == [
        ("pins-skipped", Severity.NOTE, "3 pins skipped: the tokens file contains no token for the actor “owner”"),
    ]


async def test_a_budget_is_skipped_if_the_server_does_not_report_statements(tmp_path: Path):
    answers = Items({"GET /items/1": Response(200, {"id": 1})})
    result, _ = await run(small_contract(tmp_path, PINS), PINS_ONLY, answers)
    assert [rule for rule, _, _ in summarize(result)] == ["budgets-skipped"]


async def test_a_finding_contains_no_secret(tmp_path: Path):
    answers = Items({"GET /items/1": Response(200, {"id": "Bearer hunter2-hunter2"})})
    result, _ = await run(small_contract(tmp_path, PINS), PINS_ONLY, answers)
    assert "pin-broken" in {rule for rule, _, _ in summarize(result)}
    assert "hunter2" not in json.dumps([summarize(result), create_record(result)])


async def test_only_the_selected_pins_are_run(tmp_path: Path):
    result, _ = await run(small_contract(tmp_path, PINS), replace(PINS_ONLY, only="read_item · owner · missing"))
    assert [outcome.pin.id for outcome in result.outcomes] == ["read_item · owner · missing"]


async def test_a_record_is_read_unchanged_and_contains_no_token(tmp_path: Path):
    answers = Items({"GET /items": Response(200, [{"password": "hunter2"}] * 900, {"Set-Cookie": "s=hunter2"})})
    result, _ = await run(small_contract(tmp_path / "c", PINS), PINS_ONLY, answers)
    write(create_record(result), file := tmp_path / "run.json")
    record = read(file)
    text = file.read_text()
    assert "secret-token" not in text
    assert "hunter2" not in text
    assert [pin["verdict"] for pin in record["pins"]] == ["kept"] * 4
    assert {**record, "finished": ""} == {**json.loads(json.dumps(create_record(result))), "finished": ""}
    long = next(each for each in record["exchanges"] if each["operation"] == "list_items")["answer"]["body"]
    assert long.endswith(f" … ({len(json.dumps([{'password': 'hunter2'}] * 900))} bytes)")
    assert len(long) < 4100


async def test_a_body_that_is_cut_within_a_secret_hides_it(tmp_path: Path):
    answers = Items({"GET /items": Response(200, [{"token": "hunter2-" * 4000}])})
    result, _ = await run(small_contract(tmp_path, {"list_items": PINS["list_items"]}), PINS_ONLY, answers)
    text = json.dumps(create_record(result))
    assert "hunter2" not in text
    assert "bytes)" in text


async def test_the_password_of_a_url_is_not_recorded(tmp_path: Path):
    with serve(Items()) as server:
        url = server.url.replace("http://", "http://anna:hunter2@")
        result = await Verification(small_contract(tmp_path, {}), RunningServer(url, {}), PINS_ONLY).run()
    assert "hunter2" not in json.dumps(create_record(result))


@pytest.mark.parametrize("record", ["{}", '{"format": 2}', '{"format": 2, "cells": []}', '{"format": 1, "cells": []}'])
def test_an_error_if_the_file_is_not_a_record(tmp_path: Path, record):
    (file := tmp_path / "run.json").write_text(record)
    with pytest.raises(CannotRun, match="not a record of this version; create one with `statuspin verify`"):
        read(file)


async def test_no_exception_is_lost_if_modes_cannot_be_started(tmp_path: Path):
    """Every task is awaited, because the loop would print an exception that was never retrieved."""
    left: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: left.append(context))
    server = "import http.server as h, sys;h.test(h.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind='127.0.0.1')"
    ends = {"start": ["{python}", "-c", "raise SystemExit(2)"]}
    described = {"start": ["{python}", "-c", server, "{port}"], "ready": "/", "modes": {"one": ends, "other": ends}}
    pins = {"list_items": {"rows": [{"actor": "anonymous", "mode": ["as it is", "one", "other"], "answer": 200}]}}
    contract = small_contract(tmp_path, pins, service=described)
    try:
        async with StartedService(Service.model_validate(described), cwd=tmp_path) as target:
            with pytest.raises(CannotRun, match=r"the service \((one|other)\) ended with status 2"):
                await Verification(contract, target, Plan(fuzz=False)).run()
        del target
        gc.collect()
        await asyncio.sleep(0)
    finally:
        asyncio.get_running_loop().set_exception_handler(None)
    assert left == []
