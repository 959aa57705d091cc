"""The server process: its event loop (requirement 7.2), and the end of a worker whose supervisor has died."""

import asyncio
import multiprocessing
import signal
import sys
from collections.abc import Callable
from importlib.util import find_spec

import structlog

if sys.platform != "win32" and find_spec("uvloop"):
    import uvloop

    _UVLOOP: Callable[[], asyncio.AbstractEventLoop] | None = uvloop.new_event_loop
else:
    _UVLOOP = None

log = structlog.get_logger(__name__)


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
