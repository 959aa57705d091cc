"""The library as a process of its own, and the harness as another that holds it to its contract."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.harness.cli.running import ran

HERE = Path(__file__).parent
CONTRACT = HERE / "contract"
TOKENS = "reader: ApiKey reader-key\nother reader: ApiKey other-reader-key\nlibrarian: ApiKey librarian-key\n"


@dataclass(frozen=True)
class Run:
    """What one run of the harness came to."""

    status: int
    output: str
    complaints: str

    @property
    def findings(self) -> list[dict[str, Any]]:
        """Every finding, as --format json has it."""
        assert self.output, self.complaints
        return json.loads(self.output)["findings"]

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The findings that are errors."""
        return [finding for finding in self.findings if finding["severity"] == "error"]


@contextmanager
def library(*options: str) -> Iterator[str]:
    """The URL of a library that listens on a free port until the block ends."""
    command = [sys.executable, str(HERE / "library_api.py"), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()  # it is printed once the library listens
            assert url
            yield url
        finally:
            process.kill()


def statuspin(*arguments: str) -> Run:
    """Run a command of the harness."""
    done = ran(*arguments)
    return Run(done.returncode, done.stdout, done.stderr)


def verify(url: str, folder: Path, *options: str, contract: Path = CONTRACT) -> Run:
    """Hold the server at `url` to the library's contract, or another. folder: where the tokens and the record go."""
    tokens = folder / "tokens.yaml"
    tokens.write_text(TOKENS)
    return statuspin(
        *("verify", "--contract", str(contract), "--url", url, "--tokens", str(tokens)),
        *("--run", str(folder / "run.json"), "--format", "json", *options),
    )
