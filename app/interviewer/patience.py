"""How long a language model wants to be left alone: waited for within the deadline, and told where it is longer."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from pydantic_ai.exceptions import ModelAPIError

from app.interviewer.protocol import InterviewerBusy


def no_waiting_beyond(deadline: float) -> Callable[[Any], Awaitable[None]]:
    """Has a request not tried again where the answer's Retry-After is `deadline` seconds or more: it would be in vain.

    The client itself waits as long as it is told to, up to two minutes.
    """

    async def look(response: Any) -> None:
        with suppress(ValueError):  # a date, by another clock
            if float(response.headers.get("Retry-After", "0")) < deadline:
                return
        response.headers["x-should-retry"] = "false"  # which the client obeys

    return look


@contextmanager
def busy_as_it_says() -> Iterator[None]:
    """Raises InterviewerBusy in place of a refusal that says when to ask again."""
    try:
        yield
    except ModelAPIError as error:
        if error.retry_after is None:
            raise
        raise InterviewerBusy(error.retry_after) from error
