"""The documented command generates a typed Python client that runs an interview."""

import subprocess
import sys
from pathlib import Path

from tests.clients.conftest import OUTPUT, copy_client, find_command
from tests.support.service import Service
from tests.support.timeouts import TIMEOUT


def test_the_generated_client_passes_mypy_and_runs_an_interview(service: Service, tmp_path: Path) -> None:
    folder = copy_client("python", tmp_path)

    generated = _run(folder, *find_command("openapi-python-client generate", service).split())
    assert generated.returncode == 0, generated.stderr
    assert "WARNING" not in generated.stdout + generated.stderr, "a response of the contract has no type in the client"

    checked = _run(folder, "mypy", "--strict", "--follow-imports", "silent", "--cache-dir", "cache", "interview.py")
    assert checked.returncode == 0, checked.stdout

    result = _run(folder, "python", "interview.py", service.url)
    assert (result.returncode, result.stderr) == (0, "")
    assert OUTPUT.fullmatch(result.stdout), result.stdout


def test_a_member_that_the_contract_lacks_fails_mypy(service: Service, tmp_path: Path) -> None:
    folder = copy_client("python", tmp_path)
    assert _run(folder, *find_command("openapi-python-client generate", service).split()).returncode == 0
    script = folder / "interview.py"
    script.write_text(script.read_text().replace("started.data.interview_id", "started.data.interview"))

    checked = _run(folder, "mypy", "--strict", "--follow-imports", "silent", "--cache-dir", "cache", "interview.py")

    assert '"FirstQuestion" has no attribute "interview"' in checked.stdout


def _run(folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of this environment. `python` is this interpreter."""
    command = [sys.executable] if program == "python" else [str(Path(sys.executable).parent / program)]
    return subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, timeout=TIMEOUT)
