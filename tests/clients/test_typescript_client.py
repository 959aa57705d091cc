"""The documented command generates TypeScript types for a client that runs an interview."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clients.conftest import OUTPUT, copy_client, find_command
from tests.support.service import Service
from tests.support.timeouts import TIMEOUT

_NO_NETWORK = re.compile(r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b")

pytestmark = pytest.mark.skipif(
    shutil.which("npm") is None, reason="compiles and runs TypeScript, which needs Node.js 20 or later, and npm"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the example client and install its packages."""
    folder = copy_client("typescript", tmp_path_factory.mktemp("client"))
    installed = _run(folder, "npm", "install", "--no-audit", "--no-fund", "--fetch-retries=1")
    if installed.returncode and _NO_NETWORK.search(installed.stderr):
        pytest.skip("`npm install` reaches no package registry")
    assert installed.returncode == 0, installed.stderr
    return folder


def test_the_client_passes_tsc_and_runs_an_interview(service: Service, project: Path) -> None:
    generated = _run(project, *shlex.split(find_command("npx openapi-typescript", service)))
    assert generated.returncode == 0, generated.stderr

    compiled = _run(project, "npx", "tsc")
    assert compiled.returncode == 0, compiled.stdout

    result = _run(project, "node", "build/interview.js", service.url)
    assert (result.returncode, result.stderr) == (0, "")
    assert OUTPUT.fullmatch(result.stdout), result.stdout


def test_a_member_that_the_contract_lacks_fails_tsc(service: Service, project: Path) -> None:
    assert _run(project, *shlex.split(find_command("npx openapi-typescript", service))).returncode == 0
    script = project / "interview.ts"
    script.write_text(script.read_text().replace("read.messages.length", "read.replies.length"))

    compiled = _run(project, "npx", "tsc", "--noEmit")

    assert "Property 'replies' does not exist" in compiled.stdout


def _run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT)
