"""Ask an interviewer under a deadline, and trust nothing that it says before it is checked."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from pydantic_core import to_json

from app.domain.errors import InterviewerUnavailable
from app.interviewer.protocol import (
    Conversation,
    Interviewer,
    InterviewerBusy,
    InterviewerError,
    Reply,
    Streaming,
    Tell,
)

log = structlog.get_logger(__name__)

LONGEST_QUESTION = 5000
MATCHING_TIMEOUT = 2.0
"""Seconds. Matching processes is a courtesy: it may be left out, but not hold up the turn."""


async def ask(
    interviewer: Interviewer,
    conversation: Conversation,
    timeout: float,  # noqa: ASYNC109 - a setting
    tell: Tell | None = None,
) -> Reply:
    """The interviewer's reply within `timeout` seconds. tell: gets the question in parts, before it is known to be one.

    Raises InterviewerUnavailable where none comes, or none that could be stored and sent: a question that is empty, too
    long, or holds NUL, and whatever is of another type than a Reply's.
    """
    try:
        async with asyncio.timeout(timeout):
            reply = await (_told(interviewer, conversation, tell) if tell else interviewer.reply(conversation))
    except Exception as error:
        log.warning("interviewer_failed", why=type(error).__name__)
        raise InterviewerUnavailable(error.retry_after if isinstance(error, InterviewerBusy) else 0) from error
    if not _usable(reply):
        log.warning("interviewer_failed", why="unusable reply")
        raise InterviewerUnavailable
    return reply


async def _told(interviewer: Interviewer, conversation: Conversation, tell: Tell) -> Reply:
    """The reply, its question told. Raises InterviewerError for parts that could not be sent, or are another question.

    A question that was told in no parts is told when it is whole, and fit to be.
    """
    if not isinstance(interviewer, Streaming):
        reply = await interviewer.reply(conversation)
        if _usable(reply):
            tell(reply.question)
        return reply
    told = ""

    def tell_part(part: str) -> None:
        nonlocal told
        told += part
        if not _is_text(part) or len(told) > LONGEST_QUESTION:
            raise InterviewerError("a part of the question cannot be sent")
        tell(part)

    reply = await interviewer.reply_in_parts(conversation, tell_part)
    if _usable(reply) and not told:
        tell(reply.question)
    elif told != getattr(reply, "question", None):
        raise InterviewerError("the question is not what was told of it")
    return reply


async def process_matches(interviewer: Interviewer, conversation: Conversation) -> Sequence[dict[str, Any]]:
    """The processes that the last answer speaks of; none where the interviewer cannot tell, fails, or is slow."""
    if not interviewer.matches_processes:
        return ()
    try:
        async with asyncio.timeout(MATCHING_TIMEOUT):
            matches = [dict(each) for each in await interviewer.match_processes(conversation)]
        to_json(matches)  # what cannot be sent fails here, and not when the turn is stored already
    except Exception as error:  # noqa: BLE001 - whatever it is, the turn goes on without matches
        log.warning("process_matching_failed", why=type(error).__name__)
        return ()
    return matches


def _usable(reply: object) -> bool:
    return (
        isinstance(reply, Reply)
        and _is_text(reply.question)
        and 0 < len(reply.question) <= LONGEST_QUESTION
        and isinstance(reply.is_final, bool)
        and (reply.corrected_response is None or _is_text(reply.corrected_response))
    )


def _is_text(value: object) -> bool:
    """PostgreSQL takes every text but NUL, and UTF-8 every character but lone surrogates."""
    if not isinstance(value, str) or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
