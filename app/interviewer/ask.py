"""Ask an interviewer under a deadline, and validate its reply: an interviewer is untrusted."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from pydantic_core import to_json

from app.domain.errors import InterviewerUnavailable
from app.interviewer.health import InterviewerHealth
from app.interviewer.protocol import (
    Conversation,
    Interviewer,
    InterviewerError,
    PartCallback,
    Reply,
    StreamingInterviewer,
)

log = structlog.get_logger(__name__)

MAX_QUESTION_LENGTH = 5000
"""Characters."""

MATCHING_TIMEOUT = 2.0
"""Seconds. Matching processes is optional and must not delay the turn."""


async def ask(
    interviewer: Interviewer,
    conversation: Conversation,
    timeout: float,  # noqa: ASYNC109 - a setting
    on_part: PartCallback | None = None,
    health: InterviewerHealth | None = None,
) -> Reply:
    """Return the interviewer's reply within `timeout` seconds.

    on_part: called with each part of the question as it arrives, before the whole question is validated.
    health: gets the outcome, except if the caller is cancelled.

    Raises InterviewerUnavailable if the interviewer fails or is late, or if its reply cannot be stored and sent: the
    question is empty, too long or contains NUL, or a member has the wrong type.
    """
    try:
        async with asyncio.timeout(timeout):
            reply = await (
                _stream_reply(interviewer, conversation, on_part) if on_part else interviewer.reply(conversation)
            )
        _ensure_valid(reply)
    except Exception as error:
        if health is not None:
            health.record(succeeded=False)
        cause = to_interviewer_error(error)
        log.warning("interviewer_failed", reason=type(error).__name__, status=cause.status, setting=cause.setting)
        raise InterviewerUnavailable(cause.retry_after) from error
    if health is not None:
        health.record(succeeded=True)
    return reply


def to_interviewer_error(error: Exception) -> InterviewerError:
    """Return the error itself, or an InterviewerError without details for one of another kind."""
    if isinstance(error, InterviewerError):
        return error
    return InterviewerError(setting="INTERVIEWER_TIMEOUT" if isinstance(error, TimeoutError) else None)


async def _stream_reply(interviewer: Interviewer, conversation: Conversation, on_part: PartCallback) -> Reply:
    """Return the reply after passing its question to `on_part`, as a whole if the interviewer does not stream.

    Raises InterviewerError if a part cannot be sent, or if the parts do not add up to the question.
    """
    if not isinstance(interviewer, StreamingInterviewer):
        reply = await interviewer.reply(conversation)
        if _is_valid(reply):
            on_part(reply.question)
        return reply
    received = ""

    def check_part(part: str) -> None:
        nonlocal received
        received += part
        if not _is_encodable(part) or len(received) > MAX_QUESTION_LENGTH:
            raise InterviewerError("a part of the question cannot be sent")
        on_part(part)

    reply = await interviewer.reply_in_parts(conversation, check_part)
    if _is_valid(reply) and not received:
        on_part(reply.question)
    elif received != getattr(reply, "question", None):
        raise InterviewerError("the parts do not add up to the question")
    return reply


async def match_processes(interviewer: Interviewer, conversation: Conversation) -> Sequence[dict[str, Any]]:
    """Return the processes that the last answer mentions, or none if the interviewer cannot match, fails or is late."""
    if not interviewer.matches_processes:
        return ()
    try:
        async with asyncio.timeout(MATCHING_TIMEOUT):
            matches = [dict(each) for each in await interviewer.match_processes(conversation)]
        to_json(matches)  # Fail here if the matches cannot be sent, not after the turn is stored.
    except Exception as error:  # noqa: BLE001 - the turn continues without matches after any error
        log.warning("process_matching_failed", reason=type(error).__name__)
        return ()
    return matches


def _ensure_valid(reply: object) -> None:
    if not _is_valid(reply):
        raise InterviewerError("the reply is not valid")


def _is_valid(reply: object) -> bool:
    return (
        isinstance(reply, Reply)
        and _is_encodable(reply.question)
        and 0 < len(reply.question) <= MAX_QUESTION_LENGTH
        and isinstance(reply.is_final, bool)
        and (reply.corrected_response is None or _is_encodable(reply.corrected_response))
    )


def _is_encodable(value: object) -> bool:
    """Return whether PostgreSQL and UTF-8 can represent the value: a str without NUL and lone surrogates."""
    if not isinstance(value, str) or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
