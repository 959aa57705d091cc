"""Ask an interviewer under a deadline, and trust nothing that it says before it is checked."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog

from app.domain.errors import InterviewerUnavailable
from app.interviewer.protocol import Conversation, Interviewer, Reply

log = structlog.get_logger(__name__)

LONGEST_QUESTION = 5000
MATCHING_TIMEOUT = 2.0
"""Seconds. Matching processes is a courtesy: it may be left out, but not hold up the turn."""


async def ask(interviewer: Interviewer, conversation: Conversation, timeout: float) -> Reply:  # noqa: ASYNC109 - a setting
    """The interviewer's reply within `timeout` seconds.

    Raises InterviewerUnavailable where none comes, or none that could be stored: an empty one, one too long, or NUL.
    """
    try:
        async with asyncio.timeout(timeout):
            reply = await interviewer.reply(conversation)
    except Exception as error:
        log.warning("interviewer_failed", why=type(error).__name__)
        raise InterviewerUnavailable from error
    if not _storable(reply.question) or len(reply.question) > LONGEST_QUESTION:
        log.warning("interviewer_failed", why="unusable question")
        raise InterviewerUnavailable
    return reply


async def process_matches(interviewer: Interviewer, conversation: Conversation) -> Sequence[dict[str, Any]]:
    """The processes that the last answer speaks of; none where the interviewer cannot tell, fails, or is slow."""
    if not interviewer.matches_processes:
        return ()
    try:
        async with asyncio.timeout(MATCHING_TIMEOUT):
            return await interviewer.match_processes(conversation)
    except Exception as error:  # noqa: BLE001 - whatever it is, the turn goes on without matches
        log.warning("process_matching_failed", why=type(error).__name__)
        return ()


def _storable(text: str) -> bool:
    """PostgreSQL takes every text but NUL, and UTF-8 every character but lone surrogates."""
    try:
        return bool(text) and "\0" not in text and bool(text.encode())
    except UnicodeEncodeError:
        return False
