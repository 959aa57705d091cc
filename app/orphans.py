"""A worker whose supervisor was killed stops too: it would go on holding the port, and nobody could start anew."""

import asyncio
import multiprocessing
import signal

import structlog

log = structlog.get_logger(__name__)


def stop_when_orphaned() -> None:
    """Where this process is a worker, stop it in good order as soon as its parent is gone.

    The parent's sentinel is a file descriptor that becomes readable when the parent ends, however it ends.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.remove_reader(parent.sentinel)
        log.warning("supervisor_gone")
        signal.raise_signal(signal.SIGTERM)

    loop.add_reader(parent.sentinel, stop)
