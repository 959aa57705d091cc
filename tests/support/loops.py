"""The event loop of a test run: TEST_LOOP is asyncio (the default), uvloop, or debug, asyncio's own in debug mode."""

import asyncio
import os
from collections.abc import Callable

import pytest

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


def chosen_loop() -> dict[str, LoopFactory]:
    """What pytest-asyncio makes the run's loops with, by name."""
    name = os.environ.get("TEST_LOOP", "asyncio")
    if name == "uvloop":
        import uvloop  # noqa: PLC0415 - it does not exist on every platform

        return {name: uvloop.new_event_loop}
    if name in {"asyncio", "debug"}:
        return {name: asyncio.new_event_loop}
    raise pytest.UsageError(f"TEST_LOOP is {name!r}: asyncio, uvloop and debug are known")


def set_debug_mode(config: pytest.Config) -> None:
    """Turn asyncio's debug mode on where TEST_LOOP says so.

    As an option: pytest-asyncio sets the mode of every loop itself, whatever the loop was made with.
    """
    if os.environ.get("TEST_LOOP") == "debug":
        config.option.asyncio_debug = True
