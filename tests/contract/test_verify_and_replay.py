"""The harness as CI runs it: real commands on the real service, whose exit status and record are looked at."""

import asyncio
import json
import os
import sys

import pytest

from tests.support.command_line import CHECKOUT, environment


async def statuspin(*arguments: str, database: str) -> tuple[int, str]:
    """Run `statuspin …` on the checkout; its exit status, and all that it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "statuspin", *arguments),
        cwd=CHECKOUT,
        env=environment(DATABASE_URL=database, PATH=os.environ["PATH"]),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()


async def test_the_whole_contract_is_kept_and_nothing_promised_goes_unseen(subject_database, tmp_path):
    run = tmp_path / "run.json"

    status, printed = await statuspin("verify", "--run", str(run), database=subject_database)

    assert status == 0, printed
    record = json.loads(run.read_text())
    states = {cell["state"] for cell in record["cells"]}
    assert states == {"observed", "never"}
    assert {pin["verdict"] for pin in record["pins"]} == {"kept"}
    assert record["level"] == 7
    assert [finding for finding in record["findings"] if finding["severity"] == "error"] == []
    assert set(record["fuzzer"]["checks"]) >= {"status_code_conformance", "response_schema_conformance", "ignored_auth"}


async def test_two_runs_with_one_seed_make_the_same_requests(subject_database, tmp_path):
    transcripts = []
    for number in range(2):
        run = tmp_path / f"{number}.json"
        chosen = ("--workers", "1", "--no-races", "--examples", "3", "--seed", "7")
        status, printed = await statuspin("verify", *chosen, "--run", str(run), database=subject_database)
        assert status == 0, printed
        transcripts.append(json.loads(run.read_text())["transcript"])

    assert transcripts[0] == transcripts[1] != ""


async def test_todays_build_keeps_every_frozen_contract(subject_database):
    status, printed = await statuspin("replay", database=subject_database)

    assert status == 0, printed
    assert "every release's promises are kept" in printed
    assert "1.1.0, 1.2.0" in printed


@pytest.mark.parametrize("released", ["1.1.0", "1.2.0"])
async def test_nothing_breaks_for_clients_of(released):
    status, printed = await statuspin("diff", f"contracts/specs/{released}", "contracts/specs/current", database="")

    assert status == 0, printed
    assert "breaking" not in printed


@pytest.mark.parametrize("folder", ["current", "1.1.0", "1.2.0"])
async def test_the_files_agree_with_each_other_in(folder):
    status, printed = await statuspin("lint", "--contract", f"contracts/specs/{folder}", database="")

    assert status == 0, printed
