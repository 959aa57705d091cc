"""A real service in a process of its own: started, known to be ready, broken and stopped by its own process id."""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2

from tests.support.command_line import CHECKOUT, environment
from tests.support.patience import PATIENCE

_LISTENS = re.compile(r"^Interview System at (http://\S+)", re.MULTILINE)
SERVE = ("-m", "app", "serve")


class Service:
    """`python -m app serve`, or another module that prints the same first line, on a free port."""

    def __init__(self, folder: Path, *, module: Sequence[str] = SERVE, workers: int = 1, **settings: str) -> None:
        """folder: where its output goes (`service.log`). settings: its environment, DATABASE_URL among them."""
        self.log = folder / "service.log"
        self._module = module
        self._workers = workers
        self._settings = settings
        self._port = "0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it and wait until it is ready; after a stop or kill, on the same port again."""
        begins_at = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, *self._module, "--port", self._port, "--workers", str(self._workers)],
                cwd=CHECKOUT,
                env=environment(PYTHONUNBUFFERED="1", **self._settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait_until_ready(begins_at)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        return self

    def _wait_until_ready(self, begins_at: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while not (found := _LISTENS.search(self.log.read_bytes()[begins_at:].decode())):
            self._still_runs(deadline)
        self.url = found[1]
        self._port = self.url.rpartition(":")[2]
        while not self.answers("/api/v1/health"):
            self._still_runs(deadline)

    def wait_until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds, as long as the service runs."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            self._still_runs(deadline)

    def answers(self, path: str) -> bool:
        """Whether a GET of this path is a 200 now."""
        try:
            return httpx2.get(self.url + path, timeout=5).status_code == 200
        except httpx2.HTTPError:
            return False

    def terminate(self) -> None:
        """Ask it to stop (SIGTERM), without waiting."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Its exit status, once it has stopped."""
        assert self.process is not None
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """End it at once (SIGKILL), and wait until its workers, if it has any, have noticed and left the port."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while self._listens():
            assert time.monotonic() < deadline, "orphaned workers still hold the port"
            time.sleep(0.02)

    def stop(self) -> int:
        """Stop it in good order; its exit status."""
        self.terminate()
        return self.wait()

    def open_files(self) -> int:
        """How many file descriptors the process holds."""
        assert self.process is not None
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def _listens(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", int(self._port)), timeout=5):
                return True
        except ConnectionRefusedError:
            return False

    def _still_runs(self, deadline: float) -> None:
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
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
