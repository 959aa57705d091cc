"""Find the place in the caller's code that an error message should name."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import asyncpg
import piccolo

_OWN = str(Path(__file__).parent)
_LIBRARIES = tuple(str(Path(file).parent) for file in (piccolo.__file__, asyncpg.__file__))
_STANDARD_LIBRARY = str(Path(sys.modules["asyncio"].__file__ or "").parent.parent)
_RUN_SYNC = str(Path("piccolo", "utils", "sync.py"))


def find_place() -> str:
    """Return the innermost place outside this package and the libraries, as `file:line in function`."""
    return _describe(_frames(sys._getframe(1)))  # noqa: SLF001 - the documented way to the stack


def find_run_sync() -> str | None:
    """Return the place that called Piccolo's run_sync and now waits for this thread, or None."""
    for frame in sys._current_frames().values():  # noqa: SLF001 - the documented way to other threads' stacks
        frames = list(_frames(frame))
        for number, each in enumerate(frames):
            if each.f_code.co_name == "run_sync" and each.f_code.co_filename.endswith(_RUN_SYNC):
                return _describe(iter(frames[number:]))
    return None


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _describe(frames: Iterator[FrameType]) -> str:
    for frame in frames:
        file = frame.f_code.co_filename
        if not _is_foreign(file):
            return f"{file}:{frame.f_lineno} in {frame.f_code.co_name}"
    return "an unknown place"


def _is_foreign(file: str) -> bool:
    if file.startswith((_OWN, *_LIBRARIES, "<frozen")):
        return True
    return file.startswith(_STANDARD_LIBRARY) and "site-packages" not in file
