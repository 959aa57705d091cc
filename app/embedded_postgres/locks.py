"""File locks, which the kernel releases if the holder dies, so a crash leaves none behind.

A lock belongs to the open file, not to the process: two users in one process are separate, and a child process that
inherits the open file keeps the lock.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl


def open_lock(path: Path) -> int:
    """Return a descriptor of the lock file, which is created if it is missing. Child processes do not inherit it.

    Never delete the file: two processes could then lock different files at one path.
    """
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def lock_shared(descriptor: int) -> None:
    """Take a shared lock. Wait for an exclusive holder."""
    fcntl.flock(descriptor, fcntl.LOCK_SH)


def try_lock_exclusive(descriptor: int) -> bool:
    """Take the exclusive lock if there is no other holder, and return whether it was taken.

    A shared lock on this descriptor is released in both cases.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def exclusive_lock(path: Path) -> Iterator[None]:
    """Hold the exclusive lock on a file within the block. Wait for it without a time limit."""
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
