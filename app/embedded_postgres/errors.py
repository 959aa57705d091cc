"""The error of the embedded PostgreSQL, and its text from what the operating system or a program reports."""

import re
from collections.abc import Iterator
from contextlib import contextmanager


class EmbeddedUnavailable(Exception):
    """The embedded PostgreSQL cannot be used. The message is one line: the cause and the fix."""


@contextmanager
def convert_os_errors() -> Iterator[None]:
    """Raise EmbeddedUnavailable for an OSError in the block, such as a missing permission or a full disk."""
    try:
        yield
    except OSError as error:
        raise EmbeddedUnavailable(f"The embedded PostgreSQL cannot be used: {error}") from error


def find_error_line(output: bytes) -> str:
    """Return the line of a program's output that names the error, without its line end.

    This is the first line marked as an error, otherwise the last line, or "" if there is no output.
    """
    lines = output.decode(errors="replace").strip().splitlines()
    return next((line for line in lines if re.search(r"error:|FATAL:|PANIC:", line)), lines[-1] if lines else "")
