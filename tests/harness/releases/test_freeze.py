"""Freeze a contract: the copied files, and the reasons not to freeze."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from statuspin.contract.folder import Contract
from statuspin.errors import CannotRun
from statuspin.releases.freezing import find_obstacles, freeze_contract
from statuspin.releases.versions import find_frozen, parse_version
from tests.harness.contract.samples import operation, raw, write_contract


def contract(folder: Path, version: str, *statuses: str) -> Contract:
    document = {**raw({"/a": {"get": operation("list_a", *statuses)}}), "info": {"title": "t", "version": version}}
    rows: list[dict[str, Any]] = [
        {"actor": "anonymous", "input": f"for {status}" if number else "valid", "answer": int(status)}
        for number, status in enumerate(statuses)
    ]
    return Contract.read(write_contract(folder / "current", document, {"pins": {"list_a": {"rows": rows}}}))


def test_the_frozen_contract_equals_the_current_one(tmp_path: Path):
    read = contract(tmp_path, "1.0.0", "200")
    (read.folder / "notes.txt").write_text("not a part of it")
    (read.folder / "waivers.yaml").write_text("[]")
    assert find_obstacles(read, "1.0.0") == []
    copy = freeze_contract(read, "1.0.0")
    assert sorted(file.name for file in copy.iterdir()) == ["openapi.yaml", "pins.yaml", "waivers.yaml"]
    assert Contract.read(copy).pins == read.pins
    assert find_frozen(read.folder) == {"1.0.0": copy}


@pytest.mark.parametrize(
    ("version", "statuses", "is_rejected"),
    [
        ("1.1.0", ("200", "404"), False),
        ("1.0.1", ("200", "404"), False),
        ("1.1.0", ("200",), True),
        ("2.0.0", ("200",), False),
    ],
)
def test_a_breaking_change_needs_a_new_major_version(tmp_path: Path, version, statuses, is_rejected):
    freeze_contract(contract(tmp_path, "1.0.0", "200", "404"), "1.0.0")
    findings = {finding.rule for finding in find_obstacles(contract(tmp_path, version, *statuses), version)}
    assert bool(findings) == is_rejected, findings


@pytest.mark.parametrize(("expires", "is_rejected"), [("9999-12-31", False), ("2020-01-01", True)])
def test_a_waiver_allows_a_breaking_change_until_it_expires(tmp_path: Path, expires: str, is_rejected: bool):
    freeze_contract(contract(tmp_path, "1.0.0", "200", "404"), "1.0.0")
    read = contract(tmp_path, "1.1.0", "200")
    broken = {finding.rule for finding in find_obstacles(read, "1.1.0")}
    entries = [{"rule": rule, "operation": "*", "reason": "agreed", "expires": expires} for rule in sorted(broken)]
    (read.folder / "waivers.yaml").write_text(json.dumps(entries))
    assert broken
    assert bool(find_obstacles(read, "1.1.0")) == is_rejected


def test_a_contract_with_findings_is_not_frozen(tmp_path: Path):
    read = contract(tmp_path, "1.0.0", "200")
    pins = {"pins": {"list_a": {}}}
    read = Contract.read(write_contract(read.folder, read.document.raw, pins))
    assert {finding.rule for finding in find_obstacles(read, "1.0.0")} == {"status-unpinned", "combination-unpinned"}


def test_versions_are_three_numbers_in_order(tmp_path: Path):
    for name in ("1.10.0", "1.9.0", "0.1.0", "notes", "1.0"):
        (tmp_path / name).mkdir()
    (tmp_path / "2.0.0").write_text("a file")
    assert list(find_frozen(tmp_path / "current")) == ["0.1.0", "1.9.0", "1.10.0"]
    for text in ("", "1", "1.0", "v1.0.0", "1.0.0-rc1", "1.0.0\n", "1.0.x"):
        with pytest.raises(CannotRun, match=r"use three numbers, such as 1\.2\.0"):
            parse_version(text)


def test_a_folder_that_cannot_be_created_is_one_line(tmp_path: Path):
    read = contract(tmp_path, "1.0.0", "200")
    (tmp_path / "1.0.0").write_text("in the way")
    with pytest.raises(CannotRun, match=r"1\.0\.0: file exists"):
        freeze_contract(read, "1.0.0")
    shutil.rmtree(read.folder)
