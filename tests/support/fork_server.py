"""Fork `python -m app …` and `python -m statuspin …` from processes that have imported them.

Imports take most of the time of a command.

A forked command has its own environment, folder, streams, signals and exit status, like a command that a shell starts.
Run as a program, this module is the server. For each request it forks a waiter, and that forks the command: the
waiter sends the command's process id and later its exit status.
"""

import atexit
import gc
import importlib
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

_CHECKOUT = Path(__file__).parent.parent.parent
_IMPORTED = {
    "app": ("app.__main__", "app.application", "uvicorn.protocols.http.httptools_impl", "uvicorn.lifespan.on"),
    "statuspin": (
        "statuspin.__main__",
        "statuspin.cli.main",
        "statuspin.cli.diff",
        "statuspin.cli.verify",
        "statuspin.verify.fuzzing",
    ),
}
_CHANGES_IMPORTS = {"CREDENTIALS_DIRECTORY", "PYTHONPATH", "TEST_COCKROACH"}
"""Variables that are read while modules load. A command with one of them needs a new interpreter."""


class ForkedProcess:
    """A command that runs. It has the part of the interface of subprocess.Popen that tests use."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        stdout: Path,
        stderr: Path,
        *,
        module: str = "app",
        cwd: Path = _CHECKOUT,
    ) -> None:
        """Start `python -m MODULE` with arguments, which appends its output to the files."""
        self.args = [*arguments]
        self.returncode: int | None = None
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(_start_server(module))
        request = {
            "arguments": self.args,
            "environment": dict(environment),
            "files": [str(stdout), str(stderr)],
            "cwd": str(cwd),
        }
        self._connection.sendall(json.dumps(request).encode() + b"\n")
        self.pid = int(self._connection.makefile("rb", buffering=0).readline())

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status. Raises subprocess.TimeoutExpired after `timeout` seconds."""
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                self.returncode = int(self._connection.recv(16))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
            self._connection.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


def can_fork(environment: Mapping[str, str]) -> bool:
    """Return whether a command with this environment can run without an interpreter of its own."""
    chooses_engine = environment.get("DATABASE_URL", "").startswith("cockroachdb")
    return hasattr(os, "fork") and not chooses_engine and not _CHANGES_IMPORTS & environment.keys()


@cache
def _start_server(module: str) -> str:
    """Start this process's server for a module. It ends with this process. Return the path of its socket."""
    folder = tempfile.mkdtemp(prefix="fork-server-")
    path = str(Path(folder) / "socket")
    command = [sys.executable, "-um", __name__, module, path]
    server = subprocess.Popen(command, cwd=_CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin is not None
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    atexit.register(shutil.rmtree, folder)
    atexit.register(server.wait)
    atexit.register(server.stdin.close)
    return path


def _serve(module: str, path: str) -> None:
    """Fork a waiter for each connection until standard input ends."""
    for name in _IMPORTED[module]:
        importlib.import_module(name)
    gc.freeze()  # a collection in a command would copy every page that it shares with this process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the waiters
    with socket.socket(socket.AF_UNIX) as listener, selectors.DefaultSelector() as selector:
        listener.bind(path)
        listener.listen()
        selector.register(listener, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        sys.stdout.write("ready\n")
        while sys.stdin not in {key.fileobj for key, _ in selector.select()}:
            connection, _ = listener.accept()
            with connection:
                if os.fork() == 0:
                    listener.close()
                    _fork_command(connection, module)
                    return


def _fork_command(connection: socket.socket, module: str) -> None:
    """Fork the command, report it and wait for it. Returns only in the command, after it has run."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with connection.makefile() as requests:
        request = json.loads(requests.readline())
    pid = os.fork()
    if pid:
        connection.sendall(f"{pid}\n".encode())
        _, status = os.waitpid(pid, 0)
        with suppress(OSError):
            connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    connection.close()
    os.chdir(request["cwd"])
    _run_command(module, request["arguments"], request["environment"], request["files"])


def _run_command(module: str, arguments: list[str], environment: dict[str, str], files: list[str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    null = os.open(os.devnull, os.O_RDONLY)
    for descriptor, opened in enumerate([null, *(os.open(file, os.O_WRONLY | os.O_APPEND) for file in files)]):
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.argv = [f"python -m {module}", *arguments]
    importlib.import_module(f"{module}.__main__").main()


if __name__ == "__main__":
    _serve(*sys.argv[1:])
