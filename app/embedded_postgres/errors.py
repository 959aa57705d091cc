"""The one error of the embedded PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager


class EmbeddedUnavailable(Exception):
    """The embedded PostgreSQL cannot be used. Its text is one line for the operator: what is wrong and what helps."""


@contextmanager
def in_one_line() -> Iterator[None]:
    """Let a refusal of the operating system (a folder not ours, a full disk) be an EmbeddedUnavailable."""
    try:
        yield
    except OSError as error:
        raise EmbeddedUnavailable(f"The embedded PostgreSQL cannot be used: {error}") from error
