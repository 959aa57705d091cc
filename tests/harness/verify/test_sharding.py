"""Shards divide the operations of a contract, and each is about as large as the others."""

import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from statuspin.contract.folder import Contract
from statuspin.errors import CannotRun
from statuspin.http.connection import Connection
from statuspin.verify.fuzz_settings import Budget, fuzz_settings
from statuspin.verify.sharding import Shard
from tests.harness.cli.commands import run_command
from tests.harness.second_api.runs import CONTRACT, library, verify


@pytest.mark.parametrize("total", [1, 2, 4, 9])
def test_every_operation_is_in_exactly_one_shard(total: int) -> None:
    contract = Contract.read(CONTRACT)

    parts = [Shard(number, total).operations(contract) for number in range(1, total + 1)]

    assert Counter(name for part in parts for name in part) == Counter(list(contract.document.operations))
    assert Shard(1, total).operations(contract) == parts[0]


def test_two_shards_have_about_as_many_pins() -> None:
    contract = Contract.read(CONTRACT)
    pins = Counter(pin.operation for pin in contract.matrix)

    first, second = (sum(pins[name] for name in Shard(number, 2).operations(contract)) for number in (1, 2))

    assert abs(first - second) <= max(pins.values())


def test_a_shard_is_parsed() -> None:
    assert (Shard.parse("2/4"), str(Shard(2, 4))) == (Shard(2, 4), "2/4")


@pytest.mark.parametrize("text", ["", "0/4", "5/4", "1", "1/0", "a/b", "-1/2", "1/2/3", "١/٢"])
def test_an_error_if_the_shard_is_invalid(text: str) -> None:
    with pytest.raises(CannotRun, match="write the number of the shard and the number of shards, such as 1/4"):
        Shard.parse(text)


def test_the_shards_of_a_run_together_test_the_whole_contract(tmp_path: Path) -> None:
    """Each shard runs only its pins and fuzzes only its operations; merged, every promise is kept."""
    records = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        with library() as url:
            run = verify(url, folder, "--allow-writes", "--shard", f"{number}/2", "--examples", "5")
        assert run.errors == []
        records.append(json.loads((folder / "run.json").read_text()))
    files = [tmp_path / str(number) / "run.json" for number in (1, 2)]

    merged = run_command("merge", *files, "--run", tmp_path / "whole.json", "--format", "json")

    contract = Contract.read(CONTRACT)
    whole = json.loads((tmp_path / "whole.json").read_text())
    assert sorted(pin["id"] for pin in whole["pins"]) == sorted(pin.id for pin in contract.matrix)
    operations = [{each["operation"] for each in record["fuzzer"]["operations"]} for record in records]
    assert operations[0] <= Shard(1, 2).operations(contract)
    assert operations[1] <= Shard(2, 2).operations(contract)
    assert merged.returncode == 0, merged.stdout
    assert json.loads(merged.stdout)["counts"]["error"] == 0


def test_one_shard_of_two_cannot_be_merged(tmp_path: Path) -> None:
    with library() as url:
        verify(url, tmp_path, "--allow-writes", "--shard", "1/2", "--no-fuzz")

    merged = run_command("merge", tmp_path / "run.json", "--run", tmp_path / "whole.json")

    assert (merged.returncode, merged.stderr) == (2, "error: missing shards: 2/2; pass the records of all shards\n")


@pytest.mark.parametrize(("version", "threads"), [((3, 11), 1), ((3, 12), 4), ((3, 14), 4)])
def test_the_fuzzer_has_as_many_threads_as_workers_from_python_3_12_on(monkeypatch, version, threads: int) -> None:
    monkeypatch.setattr(sys, "version_info", version)

    assert Budget(workers=4).threads == threads
    assert fuzz_settings("http://127.0.0.1:1", Connection(), Budget(workers=4), {})["workers"] == threads


def test_a_waiver_for_an_operation_of_another_shard_is_not_unused(tmp_path: Path) -> None:
    (tmp_path / "waivers.yaml").write_text(
        "- {rule: pin-broken, operation: read_book, reason: It is known., expires: 2099-12-31}\n"
    )
    options = ("--allow-writes", "--no-fuzz", "--waivers", str(tmp_path / "waivers.yaml"))

    with library() as url:
        shards = [verify(url, tmp_path, *options, "--shard", f"{number}/2") for number in (1, 2)]
        whole = verify(url, tmp_path, *options)

    assert [run.findings for run in shards] == [[], []]
    assert [finding["rule"] for finding in whole.findings] == ["waiver-unused"]
