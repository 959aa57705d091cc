"""The parent of several worker processes: it replaces them on SIGHUP and ends them on SIGTERM within time limits."""

import pickle
import signal
import time
from types import FrameType
from typing import cast

import structlog
from uvicorn.config import STARTUP_FAILURE, Config
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from app.server import SHUTDOWN_TIMEOUT

log = structlog.get_logger(__name__)

_POLL_INTERVAL = 0.1
_FIRST_ANSWER_TIMEOUT, _ANSWER_TIMEOUT = 120.0, 30.0
"""Seconds after which a worker that does not answer counts as hung."""

_MARGIN = 2.0
"""Seconds after the time limits of a worker. A worker that still runs is killed."""


class _Worker(Process):
    """One worker, whose answers are awaited without blocking the supervisor."""

    serves = False
    _answered = False
    _asked_at: float | None = None

    def is_well(self) -> bool:
        """Return whether the worker runs and has answered in time.

        uvicorn allows 5 seconds, in which a busy machine may not even start Python.
        """
        if not self.process.is_alive():
            return False
        try:
            if self._asked_at is None:
                self._asked_at = time.monotonic()
                self.parent_conn.send(b"ping")
            if self.parent_conn.poll():
                self.serves = self.parent_conn.recv()
                self._answered, self._asked_at = True, None
                return True
        except (OSError, EOFError, pickle.UnpicklingError):
            return False
        return time.monotonic() - self._asked_at < (_ANSWER_TIMEOUT if self._answered else _FIRST_ANSWER_TIMEOUT)


class Supervisor(Multiprocess):
    """uvicorn's supervisor, but nothing that it waits for delays SIGTERM, and each wait has a limit."""

    def __init__(self, config: Config, sockets: list[object], *, start_timeout: float, grace_period: float) -> None:
        """start_timeout: seconds in which a new worker must serve. grace_period: seconds for running requests."""
        super().__init__(config, sockets)  # type: ignore[arg-type]
        self._start_timeout = start_timeout
        self._stop_timeout = grace_period + SHUTDOWN_TIMEOUT + _MARGIN
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    @property
    def could_start(self) -> bool:
        """Whether no worker failed to start."""
        return all(process.exitcode != STARTUP_FAILURE for process in self.processes)

    def init_processes(self) -> None:
        """Start the workers."""
        self.processes = [self._start_worker() for _ in range(self.processes_num)]

    def keep_subprocess_alive(self) -> None:
        """Replace workers that have died or do not answer. A worker that fails to start ends all of them."""
        for index, process in enumerate(self.processes):
            if self.should_exit.is_set() or cast("_Worker", process).is_well():
                continue
            process.kill()
            process.join()
            if process.exitcode == STARTUP_FAILURE:
                log.error("worker_failed_to_start", worker=process.pid)
                self.should_exit.set()
                return
            log.warning("worker_replaced", worker=process.pid, exit_status=process.exitcode)
            self.processes[index] = self._start_worker()

    def restart_all(self) -> None:
        """Replace each worker after its replacement serves. If a replacement does not, the rest keep running."""
        for index, old in enumerate(self.processes[:]):
            new = self._start_worker()
            if not self._wait_until_serving(new):
                new.kill()
                new.join()
                if not self.should_exit.is_set():
                    self._report_failure(new, [process.pid for process in self.processes[index:]])
                return
            self.processes[index] = new
            old.terminate()
            self._join(old)

    def join_all(self) -> None:
        """Wait until the workers have ended, and kill those that do not end in time."""
        ends_at = time.monotonic() + self._stop_timeout
        for process in self.processes:
            process.process.join(max(0.0, ends_at - time.monotonic()))
            if process.process.is_alive():
                log.error("worker_killed", worker=process.pid, seconds=self._stop_timeout)
                process.kill()
                process.join()

    def _start_worker(self) -> _Worker:
        worker = _Worker(self.config, self.sockets)
        worker.start()
        return worker

    def _wait_until_serving(self, worker: _Worker) -> bool:
        ends_at = time.monotonic() + self._start_timeout
        while time.monotonic() < ends_at and worker.is_well():
            if worker.serves:
                return True
            if self.should_exit.wait(_POLL_INTERVAL):
                return False
        return False

    def _join(self, process: Process) -> None:
        """Wait until an old worker has ended. After SIGTERM, leave it to `join_all` with the others."""
        ends_at = time.monotonic() + self._stop_timeout
        while process.process.is_alive() and time.monotonic() < ends_at:
            if self.should_exit.is_set():
                self.processes.append(process)
                return
            process.process.join(_POLL_INTERVAL)
        if process.process.is_alive():
            process.kill()
        process.join()

    def _report_failure(self, new: Process, kept: list[int | None]) -> None:
        log.error(
            "workers_not_replaced",
            reason=f"worker {new.pid} did not serve within {self._start_timeout:g} seconds",
            setting="WORKER_START_TIMEOUT",
            workers=kept,
        )

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature of a signal handler
        log.info("stopping", signal=signal.Signals(number).name)
        self.should_exit.set()
