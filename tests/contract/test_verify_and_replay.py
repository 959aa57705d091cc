"""The harness as CI runs it: real commands on a real service."""

import asyncio
import json
import os
import re
import sys

import pytest

from tests.support.command_line import CHECKOUT, environment


async def run_statuspin(*arguments: str, database: str) -> tuple[int, str]:
    """Run `statuspin …` in the checkout, and return its exit status and output."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "statuspin", *arguments),
        cwd=CHECKOUT,
        env=environment(DATABASE_URL=database, PATH=os.environ["PATH"]),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def test_the_service_keeps_the_contract_and_every_promise_is_observed(service_database, tmp_path):
    run = tmp_path / "run.json"

    status, output = await run_statuspin("verify", "--run", str(run), database=service_database)

    assert status == 0, output
    record = json.loads(run.read_text())
    states = {cell["state"] for cell in record["cells"]}
    assert states == {"observed", "never", "answer to a method that is not documented"}
    assert {pin["verdict"] for pin in record["pins"]} == {"kept"}
    assert record["level"] == 7
    assert [finding for finding in record["findings"] if finding["severity"] == "error"] == []
    assert set(record["fuzzer"]["checks"]) >= {"status_code_conformance", "response_schema_conformance", "ignored_auth"}


async def test_two_runs_with_the_same_seed_send_the_same_requests(service_database, tmp_path):
    transcripts = []
    for number in range(2):
        run = tmp_path / f"{number}.json"
        options = ("--workers", "1", "--no-races", "--examples", "3", "--seed", "7", "--shard", "1/12")
        status, output = await run_statuspin("verify", *options, "--run", str(run), database=service_database)
        assert status == 0, output
        transcripts.append(json.loads(run.read_text())["transcript"])

    assert transcripts[0] == transcripts[1] != ""


async def test_the_service_keeps_every_released_contract(service_database):
    status, output = await run_statuspin("replay", "--examples", "1", database=service_database)

    assert status == 0, output
    assert "1.1.0, 1.2.0, 1.3.0 against the current build" in output
    rules = set(re.findall(r"\[([a-z-]+)\]$", output, re.MULTILINE))
    assert rules <= {"fuzzer-warning"}, output  # because one example meets a stored interview by chance only


@pytest.mark.parametrize("released", ["1.1.0", "1.2.0", "1.3.0"])
async def test_the_diff_finds_no_breaking_change(released):
    status, output = await run_statuspin("diff", f"contracts/specs/{released}", "contracts/specs/current", database="")

    assert status == 0, output
    assert "breaking" not in output


@pytest.mark.parametrize("folder", ["current", "1.1.0", "1.2.0", "1.3.0"])
async def test_lint_finds_no_error(folder):
    status, output = await run_statuspin("lint", "--contract", f"contracts/specs/{folder}", database="")

    assert status == 0, output
