"""Run the library in one process, and the harness in another one to verify it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.harness.cli.commands import run_command

HERE = Path(__file__).parent
CONTRACT = HERE / "contract"
TOKENS = "reader: ApiKey reader-key\nother reader: ApiKey other-reader-key\nlibrarian: ApiKey librarian-key\n"


@dataclass(frozen=True)
class Run:
    """The result of one run of the harness."""

    status: int
    output: str
    complaints: str

    @property
    def findings(self) -> list[dict[str, Any]]:
        """Return every finding in the form of --format json."""
        assert self.output, self.complaints
        return json.loads(self.output)["findings"]

    @property
    def errors(self) -> list[dict[str, Any]]:
        """Return the findings that are errors."""
        return [finding for finding in self.findings if finding["severity"] == "error"]


@contextmanager
def library(*options: str) -> Iterator[str]:
    """Start a library on a free port and yield its URL."""
    command = [sys.executable, str(HERE / "library_api.py"), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()  # printed when the library listens
            assert url
            yield url
        finally:
            process.kill()


def statuspin(*arguments: str) -> Run:
    """Run a command of the harness."""
    done = run_command(*arguments)
    return Run(done.returncode, done.stdout, done.stderr)


def verify(url: str, folder: Path, *options: str, contract: Path = CONTRACT) -> Run:
    """Verify the server at `url` by the library's contract or another one. Tokens and record are in `folder`."""
    tokens = folder / "tokens.yaml"
    tokens.write_text(TOKENS)
    return statuspin(
        *("verify", "--contract", str(contract), "--url", url, "--tokens", str(tokens)),
        *("--run", str(folder / "run.json"), "--format", "json", *options),
    )
