"""The server process: its event loop (requirement 7.2), and the end of a worker that should not go on.

A worker ends if its supervisor has died, if it has no memory left, or if its shutdown takes too long.
"""

import asyncio
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from importlib.util import find_spec

import structlog

if sys.platform != "win32" and find_spec("uvloop"):
    import uvloop

    _UVLOOP: Callable[[], asyncio.AbstractEventLoop] | None = uvloop.new_event_loop
else:
    _UVLOOP = None

log = structlog.get_logger(__name__)

SHUTDOWN_TIMEOUT = 9.0
"""Seconds that start-up and shutdown may take after SIGTERM, without the grace period of running requests."""

_OPEN_FILES_INTERVAL = 1.0
"""Seconds."""

_MEMORY_PROBE = 16 * 1024 * 1024
"""Bytes. A worker that cannot allocate them serves nothing properly."""


def loop_factory(platform: str = sys.platform) -> Callable[[], asyncio.AbstractEventLoop]:
    """Return the factory of the event loop: uvloop if it is installed, the proactor loop on Windows, else asyncio's.

    platform: a value of sys.platform.
    """
    if platform == "win32":
        return getattr(asyncio, "ProactorEventLoop", asyncio.new_event_loop)
    return _UVLOOP or asyncio.new_event_loop


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop. uvicorn is started with the name of this function."""
    return loop_factory()()


class Worker:
    """This process, if `serve` started it. In another process, which may do other work too, the methods do nothing."""

    def __init__(self) -> None:
        self.belongs_to_us = False
        self.exit_status = 0

    def end_within(self, seconds: float, status: int = 0) -> None:
        """End the process after some seconds, even if it waits for something that never comes."""
        if not self.belongs_to_us:
            return
        timer = threading.Timer(seconds, _end, (status, seconds))
        timer.daemon = True
        try:
            timer.start()
        except (MemoryError, RuntimeError):  # there is no memory for a thread
            _start_kernel_timer(seconds)

    def stop_if_out_of_memory(self) -> None:
        """Stop gracefully if hardly any memory can be allocated, so that the supervisor replaces this process."""
        if not self.belongs_to_us or self.exit_status:
            return
        try:
            bytearray(_MEMORY_PROBE)
        except MemoryError:
            gc.collect()
            self.exit_status = 1  # systemd restarts a process that fails
            _start_kernel_timer(SHUTDOWN_TIMEOUT)
            log.critical("out_of_memory", effect="this worker stops and is replaced")
            signal.raise_signal(signal.SIGTERM)


WORKER = Worker()


class OpenFilesWatch:
    """Logs when the process can open no more files: the server then drops connections without a word."""

    def __init__(self) -> None:
        self._exhausted = False
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Check now, and every second on the running loop."""
        self._check()
        self._timer = asyncio.get_running_loop().call_later(_OPEN_FILES_INTERVAL, self.start)

    def stop(self) -> None:
        """End the checks."""
        if self._timer is not None:
            self._timer.cancel()

    def _check(self) -> None:
        try:
            os.close(os.open(os.devnull, os.O_RDONLY))
        except OSError as error:
            if not self._exhausted:
                fix = "raise the limit of open files (ulimit -n)"
                log.error("open_files_exhausted", reason=error.strerror, fix=fix)  # noqa: TRY400 - no traceback needed
            self._exhausted = True
        else:
            self._exhausted = False


def _end(status: int, seconds: float) -> None:
    log.error("stopped_without_cleaning_up", after_seconds=seconds)
    sys.stderr.flush()
    os._exit(status)


def _start_kernel_timer(seconds: float) -> None:
    """Let the kernel end the process after some seconds. Its timer needs no memory, unlike a thread."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def stop_when_orphaned() -> None:
    """Stop this worker gracefully if its supervisor dies, because it would keep the port open.

    The parent's sentinel is a file descriptor that becomes readable when the parent ends. In a process without a
    parent this does nothing.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.remove_reader(parent.sentinel)
        log.warning("supervisor_died")
        signal.raise_signal(signal.SIGTERM)

    loop.add_reader(parent.sentinel, stop)
