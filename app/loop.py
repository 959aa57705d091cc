"""Which event loop the server runs on (requirement 7.2)."""

import asyncio
import sys
from collections.abc import Callable
from importlib.util import find_spec

if sys.platform != "win32" and find_spec("uvloop"):
    import uvloop

    _FAST: Callable[[], asyncio.AbstractEventLoop] | None = uvloop.new_event_loop
else:
    _FAST = None


def loop_factory(platform: str = sys.platform) -> Callable[[], asyncio.AbstractEventLoop]:
    """What makes the loop: uvloop where it exists, on Windows the Proactor loop, else asyncio's own.

    platform: as sys.platform names it.
    """
    if platform == "win32":
        return getattr(asyncio, "ProactorEventLoop", asyncio.new_event_loop)
    return _FAST or asyncio.new_event_loop


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A new loop of this platform's kind; the server is started with this function's name."""
    return loop_factory()()
