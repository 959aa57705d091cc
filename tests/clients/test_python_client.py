"""The documented command generates a typed Python client that holds an interview."""

import subprocess
import sys
from pathlib import Path

from tests.clients.conftest import HELD, copied, generating
from tests.support.service import Service
from tests.support.timeouts import TIMEOUT


def test_the_generated_client_is_complete_passes_mypy_and_holds_an_interview(service: Service, tmp_path: Path) -> None:
    folder = copied("python", tmp_path)

    generated = _run(folder, *generating("openapi-python-client generate", service).split())
    assert generated.returncode == 0, generated.stderr
    assert "WARNING" not in generated.stdout + generated.stderr, "an answer of the contract has no type in the client"

    checked = _run(folder, "mypy", "--strict", "--follow-imports", "silent", "--cache-dir", "cache", "interview.py")
    assert checked.returncode == 0, checked.stdout

    held = _run(folder, "python", "interview.py", service.url)
    assert (held.returncode, held.stderr) == (0, "")
    assert HELD.fullmatch(held.stdout), held.stdout


def test_a_member_that_the_contract_lacks_fails_mypy(service: Service, tmp_path: Path) -> None:
    folder = copied("python", tmp_path)
    assert _run(folder, *generating("openapi-python-client generate", service).split()).returncode == 0
    script = folder / "interview.py"
    script.write_text(script.read_text().replace("started.data.interview_id", "started.data.interview"))

    checked = _run(folder, "mypy", "--strict", "--follow-imports", "silent", "--cache-dir", "cache", "interview.py")

    assert '"FirstQuestion" has no attribute "interview"' in checked.stdout


def _run(folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of this environment; `python` is this one."""
    command = [sys.executable] if program == "python" else [str(Path(sys.executable).parent / program)]
    return subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, timeout=TIMEOUT)
