"""Commands that come to a verdict."""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness.cli.running import CHECKOUT, ENVIRONMENT, PINS, document, ran
from tests.harness.contract.samples import written
from tests.harness.http.server import Said, serving


def test_the_contract_in_force_has_nothing_wrong():
    ended = ran("lint")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.endswith("pins: nothing wrong\n")


def test_findings_are_exit_status_1_and_name_them(folder: Path):
    (folder / "pins.yaml").write_text(yaml.safe_dump({**PINS, "pins": {}}))
    ended = ran("lint", "--contract", folder)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "[operation-unpinned]" in ended.stdout


def test_a_run_is_recorded_and_shown(folder: Path, tmp_path: Path):
    with serving(lambda _: Said(200, [])) as server:
        (tmp_path / "tokens.yaml").write_text("owner: secret-token")
        ended = ran(
            "verify", "--contract", folder, "--url", server.url, "--tokens", "tokens.yaml", "--no-fuzz", cwd=tmp_path
        )
    assert ended.returncode == 0, ended
    assert "pins: 2 kept" in ended.stderr
    assert ran("report", cwd=tmp_path).returncode == 0
    assert "secret-token" not in ended.stdout + ended.stderr + (tmp_path / "contract-run.json").read_text()
    assert "<h1>Small 1.0.0</h1>" in (tmp_path / "contract-report.html").read_text()


def test_a_breaking_change_within_a_major_version_is_not_frozen(folder: Path):
    written(folder, document("1.0.0", "200", "404"), with_404())
    assert ran("freeze", "1.0.0", "--contract", folder).returncode == 0
    written(folder, document("1.1.0", "200"), PINS)
    ended = ran("freeze", "1.1.0", "--contract", folder)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "in the way" in ended.stdout
    assert not (folder.parent / "1.1.0").exists()
    written(folder, document("2.0.0", "200"), PINS)
    assert ran("freeze", "2.0.0", "--contract", folder).returncode == 0
    assert (folder.parent / "2.0.0" / "pins.yaml").is_file()


def with_404() -> dict[str, Any]:
    row = {"actor": "owner", "input": "odd", "answer": 404}
    return {**PINS, "pins": {"list_a": {"rows": [*PINS["pins"]["list_a"]["rows"], row]}}}


@pytest.mark.parametrize(("settings", "start"), [({}, "\x1b[31m"), ({"NO_COLOR": "1"}, "error:")])
def test_an_error_is_red_on_a_terminal_that_wants_colours(settings: dict[str, str], start: str):
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "NO_COLOR"} | settings
    ended = subprocess.run(
        [sys.executable, "-m", "statuspin", "surprise"], cwd=CHECKOUT, env=environment, stderr=theirs
    )
    os.close(theirs)
    said = os.read(ours, 1000).decode()
    os.close(ours)
    assert ended.returncode == 2
    assert said.startswith(start)
