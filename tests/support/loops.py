"""The event loop of a test run. TEST_LOOP is asyncio (the default), uvloop, or debug for asyncio in debug mode."""

import asyncio
import os
from collections.abc import Callable

import pytest

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


def loop_factories() -> dict[str, LoopFactory]:
    """Return the factory of the event loops for pytest-asyncio, by name."""
    name = os.environ.get("TEST_LOOP", "asyncio")
    if name == "uvloop":
        import uvloop  # noqa: PLC0415 - not available on every platform

        return {name: uvloop.new_event_loop}
    if name in {"asyncio", "debug"}:
        return {name: asyncio.new_event_loop}
    raise pytest.UsageError(f"TEST_LOOP is {name!r}; use asyncio, uvloop or debug")


def set_debug_mode(config: pytest.Config) -> None:
    """Turn on asyncio's debug mode if TEST_LOOP is debug.

    This is an option because pytest-asyncio sets the mode of every loop itself.
    """
    if os.environ.get("TEST_LOOP") == "debug":
        config.option.asyncio_debug = True
