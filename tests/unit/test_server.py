"""The end of a process that should not go on, and the log line for the limit of open files."""

import asyncio
import errno
import os

import pytest
from structlog.testing import capture_logs

from app.server import OpenFilesWatch, Worker


async def test_a_log_line_each_time_the_limit_of_open_files_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.server._OPEN_FILES_INTERVAL", 0.001)
    checks: list[bool] = []
    outcomes = iter([True, False, False, True, False])
    seen = asyncio.Event()

    def open_(path: str, flags: int) -> int:
        succeeds = next(outcomes, None)
        if succeeds is None:
            seen.set()
            return os.dup(0)
        checks.append(succeeds)
        if not succeeds:
            raise OSError(errno.EMFILE, "Too many open files")
        return os.dup(0)

    monkeypatch.setattr("app.server.os.open", open_)
    watch = OpenFilesWatch()
    with capture_logs() as logs:
        watch.start()
        async with asyncio.timeout(10):
            await seen.wait()
        watch.stop()

    assert [line["event"] for line in logs] == ["open_files_exhausted"] * 2
    assert logs[0]["reason"] == "Too many open files"


def test_a_process_that_serve_did_not_start_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise AssertionError("the process belongs to another service")

    monkeypatch.setattr("app.server.signal.raise_signal", fail)
    monkeypatch.setattr("app.server.threading.Timer", fail)
    monkeypatch.setattr("app.server.bytearray", fail, raising=False)

    Worker().stop_if_out_of_memory()
    Worker().end_within(0.001)
