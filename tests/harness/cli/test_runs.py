"""Commands that complete."""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness.cli.commands import CHECKOUT, ENVIRONMENT, PINS, document, run_command
from tests.harness.contract.samples import write_contract
from tests.harness.http.server import Response, serve


def test_0_for_the_current_contract():
    result = run_command("lint")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith("pins, no problems\n")


def test_1_with_the_findings(folder: Path):
    (folder / "pins.yaml").write_text(yaml.safe_dump({**PINS, "pins": {}}))
    result = run_command("lint", "--contract", folder)
    assert (result.returncode, result.stderr) == (1, "")
    assert "[operation-unpinned]" in result.stdout


def test_a_run_is_recorded_and_reported(folder: Path, tmp_path: Path):
    with serve(lambda _: Response(200, [])) as server:
        (tmp_path / "tokens.yaml").write_text("owner: secret-token")
        result = run_command(
            "verify", "--contract", folder, "--url", server.url, "--tokens", "tokens.yaml", "--no-fuzz", cwd=tmp_path
        )
    assert result.returncode == 0, result
    assert "pins: 2 kept" in result.stderr
    assert run_command("report", cwd=tmp_path).returncode == 0
    assert "secret-token" not in result.stdout + result.stderr + (tmp_path / "contract-run.json").read_text()
    assert "<h1>Small 1.0.0</h1>" in (tmp_path / "contract-report.html").read_text()


def test_1_if_a_frozen_version_breaks_clients(folder: Path):
    write_contract(folder, document("1.0.0", "200", "404"), document_with_404())
    assert run_command("freeze", "1.0.0", "--contract", folder).returncode == 0
    write_contract(folder, document("1.1.0", "200"), PINS)
    result = run_command("freeze", "1.1.0", "--contract", folder)
    assert (result.returncode, result.stderr) == (1, "")
    assert "blocking" in result.stdout
    assert not (folder.parent / "1.1.0").exists()
    write_contract(folder, document("2.0.0", "200"), PINS)
    assert run_command("freeze", "2.0.0", "--contract", folder).returncode == 0
    assert (folder.parent / "2.0.0" / "pins.yaml").is_file()


def document_with_404() -> dict[str, Any]:
    row = {"actor": "owner", "input": "odd", "answer": 404}
    return {**PINS, "pins": {"list_a": {"rows": [*PINS["pins"]["list_a"]["rows"], row]}}}


@pytest.mark.parametrize(("settings", "start"), [({}, "\x1b[31m"), ({"NO_COLOR": "1"}, "error:")])
def test_an_error_is_red_on_a_terminal_with_colours(settings: dict[str, str], start: str):
    reader, terminal = pty.openpty()
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "NO_COLOR"} | settings
    result = subprocess.run(
        [sys.executable, "-m", "statuspin", "surprise"], cwd=CHECKOUT, env=environment, stderr=terminal
    )
    os.close(terminal)
    output = os.read(reader, 1000).decode()
    os.close(reader)
    assert result.returncode == 2
    assert output.startswith(start)
