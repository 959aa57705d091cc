"""A real service in its own process."""

import http.client
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.support.command_line import CHECKOUT, environment
from tests.support.fork_server import ForkedProcess, can_fork
from tests.support.timeouts import TIMEOUT

_FIRST_LINE = re.compile(r"^Interview System at (http://\S+)", re.MULTILINE)
SERVE = ("-m", "app", "serve")


class Service:
    """`python -m app serve` on a free port, or another module that prints the same first line."""

    def __init__(
        self, folder: Path, *, module: Sequence[str] = SERVE, workers: int = 1, forks: bool = True, **settings: str
    ) -> None:
        """folder: for its output, `service.log`. settings: its environment, including DATABASE_URL.

        forks: start it from a process that has imported it, if possible.
        """
        self.log = folder / "service.log"
        self._module = module
        self._workers = workers
        self._forks = forks
        self._settings = settings
        self._port = "0"
        self.process: ForkedProcess | subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it and wait until it is ready. After a stop or kill it uses the same port."""
        offset = self.log.stat().st_size if self.log.exists() else 0
        self.process = self._start_process()
        try:
            self._wait_until_ready(offset)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        return self

    def _start_process(self) -> ForkedProcess | subprocess.Popen[bytes]:
        options = ["--port", self._port, "--workers", str(self._workers)]
        variables = environment(PYTHONUNBUFFERED="1", **self._settings)
        with self.log.open("ab") as output:
            if self._forks and self._module == SERVE and can_fork(variables):
                return ForkedProcess(["serve", *options], variables, self.log, self.log)
            command = [sys.executable, *self._module, *options]
            pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.STDOUT}
            return subprocess.Popen(command, cwd=CHECKOUT, env=variables, **pipes)

    def _wait_until_ready(self, offset: int) -> None:
        deadline = time.monotonic() + TIMEOUT
        while not (match := _FIRST_LINE.search(self.log.read_bytes()[offset:].decode())):
            self._assert_running(deadline)
        self.url = match[1]
        self._port = self.url.rpartition(":")[2]
        while not self.is_available("/api/v1/health"):
            self._assert_running(deadline)

    def wait_until(self, condition: Callable[[], object]) -> None:
        """Wait until a condition holds. Raises AssertionError if the service ends first."""
        deadline = time.monotonic() + TIMEOUT
        while not condition():
            self._assert_running(deadline)

    def is_available(self, path: str) -> bool:
        """Return whether a GET of the path is a 200."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def terminate(self) -> None:
        """Send SIGTERM without waiting."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Wait until it has stopped and return its exit status."""
        assert self.process is not None
        return self.process.wait(TIMEOUT)

    def kill(self) -> None:
        """Send SIGKILL and wait until its workers, if any, have closed the port."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(TIMEOUT)
        deadline = time.monotonic() + TIMEOUT
        while self._is_listening():
            assert time.monotonic() < deadline, "orphaned workers still hold the port"
            time.sleep(0.02)

    def stop(self) -> int:
        """Stop it cleanly and return its exit status."""
        self.terminate()
        return self.wait()

    def count_open_files(self) -> int:
        """Return the number of open file descriptors of the process."""
        assert self.process is not None
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def _is_listening(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", int(self._port)), timeout=5):
                return True
        except ConnectionRefusedError:
            return False

    def _assert_running(self, deadline: float) -> None:
        assert self.process is not None
        assert self.process.poll() is None, f"the service ended: {self.log.read_text()[-2000:]}"
        assert time.monotonic() < deadline, f"the service is not ready: {self.log.read_text()[-2000:]}"
        time.sleep(0.02)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
