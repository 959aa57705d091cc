"""Run the blocks of one page in one shell, in a folder that looks like a fresh checkout with a virtual environment."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

from app.embedded_postgres.programs import Programs
from tests.docs.blocks import SERVER, Block
from tests.support.command_line import CHECKOUT, environment

_SECONDS = 300
_MARK = "\x1e"
_EXAMPLE_URL = "postgresql://interviews:secret@localhost/interviews"

_PYTHON = """#!/bin/sh
case " $* " in
  *" -m venv "*) exit 0 ;;
  *" serve "*) exec {python} "$@" --port {port} ;;
esac
exec {python} "$@"
"""
_SERVE = """
: > server.log
( {text} ) >> server.log 2>&1 &
until curl -sf -o /dev/null http://127.0.0.1:{port}/api/v1/health; do
  kill -0 $! 2>/dev/null || {{ cat server.log >&2; exit 1; }}
  sleep 0.05
done
"""


class PageSession:
    """The shell of one page. `folder` is an empty folder. The settings are those of the environment."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder / "checkout"
        self._ports = {"8000": _free_port(), "9100": _free_port()}
        self._bin = folder / "bin"
        self._settings = settings
        self._make_checkout()

    def run(self, blocks: list[Block]) -> None:
        """Run the blocks and compare their output. Raises AssertionError that names the first block that fails."""
        script = "\n".join(["set -eo pipefail", *map(self._command, blocks), f"printf '{_MARK}'"])
        printed = self._run_shell(script)
        outputs = printed.split(_MARK)[1:]
        for block, output in zip(blocks, outputs, strict=False):
            self._compare(block, output)
        assert len(outputs) == len(blocks) + 1, self._failure(blocks[max(len(outputs) - 1, 0)], "".join(outputs[-1:]))

    def _run_shell(self, script: str) -> str:
        with (
            (self.folder / "stderr.log").open("w") as errors,
            (self.folder / "stdout.log").open("w+") as output,
            subprocess.Popen(
                ["bash", "-c", script],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            ) as shell,
        ):
            try:
                shell.wait(_SECONDS)
            except subprocess.TimeoutExpired:
                errors.write(f"stopped after {_SECONDS} s")
            finally:
                _stop(shell.pid)
            output.seek(0)
            return output.read()

    def _command(self, block: Block) -> str:
        text = block.text
        for written, port in self._ports.items():
            text = re.sub(rf"\b{written}\b", str(port), text)
        text = text.replace(_EXAMPLE_URL, self._settings["DATABASE_URL"])
        if block.language == "python":
            text = f".venv/bin/python - <<'END'\n{text}\nEND"
        return f"printf '{_MARK}'\n" + (
            _SERVE.format(text=text, port=self._ports["8000"]) if block.mode == SERVER else text
        )

    def _compare(self, block: Block, output: str) -> None:
        if block.output is not None:
            pattern = ".*".join(re.escape("".join(part.split())) for part in block.output.split("..."))
            assert re.fullmatch(pattern, "".join(output.split()), re.DOTALL), f"{block.place} prints\n{output}"

    def _failure(self, block: Block, output: str) -> str:
        return f"{block.place} failed:\n{block.text}\n{output}\n{(self.folder / 'stderr.log').read_text()}"

    def _environment(self) -> dict[str, str]:
        path = [self._bin, Programs.find().folder, Path(sys.executable).parent, os.environ["PATH"]]
        return {**environment(**self._settings), "PATH": os.pathsep.join(map(str, path)), "NO_COLOR": "1"}

    def _make_checkout(self) -> None:
        venv = self.folder / ".venv" / "bin"
        venv.mkdir(parents=True)
        self._bin.mkdir()
        for entry in CHECKOUT.iterdir():
            if not entry.name.startswith("."):
                (self.folder / entry.name).symlink_to(entry)
        python = _PYTHON.format(python=shlex.quote(sys.executable), port=self._ports["8000"])
        pip = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m tests.docs.pip_stub "$@"\n'
        statuspin = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m statuspin "$@"\n'
        for path, text in (
            (venv / "python", python), (self._bin / "python3", python), (venv / "pip", pip), (self._bin / "pip", pip),
            (self._bin / "statuspin", statuspin),
        ):  # fmt: skip
            path.write_text(text)
            path.chmod(0o755)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _stop(group: int) -> None:
    try:
        os.killpg(group, signal.SIGTERM)
    except ProcessLookupError:
        return
