"""Locks on files, which the kernel drops when their holder dies: nothing to prune after a crash.

They belong to the open file, not to the process: two users within one process are told apart, and a child that is
handed the open file keeps the lock.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl


def opened(path: Path) -> int:
    """A lock file's descriptor, the file made if it is missing. No child inherits it unasked.

    The file is never deleted: a lock on a deleted file would keep nobody out.
    """
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def share(descriptor: int) -> None:
    """Hold the lock together with others, waiting for one who holds it alone."""
    fcntl.flock(descriptor, fcntl.LOCK_SH)


def try_alone(descriptor: int) -> bool:
    """Hold the lock alone if nobody else holds it; says whether. A share held before is given up either way."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file alone within the block, waiting for it as long as it takes."""
    descriptor = opened(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
