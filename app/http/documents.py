"""Find the outcomes of exported interviews, render both, and send them as documents to download."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import ParamSpec, TypeVar
from uuid import UUID

from starlette.responses import Response

from app.context.source import Known
from app.export.outcome_documents import read_conversation
from app.interviewer.protocol import answers_of
from app.outcome.assemble import get_assembler
from app.outcome.document import Outcome
from app.state import Services
from app.use_cases.export_interview import Export

_P = ParamSpec("_P")
_T = TypeVar("_T")

_MAX_ON_THE_LOOP = 4096
"""Bytes of a transcript. A longer one may take tens of milliseconds, in which the event loop serves other requests."""


async def render(export: Export, function: Callable[_P, _T], *arguments: _P.args, **options: _P.kwargs) -> _T:
    """Call a function that works on the export, in a thread if its conversation is long."""
    if len(export.transcript) <= _MAX_ON_THE_LOOP:
        return function(*arguments, **options)
    return await asyncio.to_thread(function, *arguments, **options)


async def find_outcome(
    interview_id: UUID, export: Export, known: Known | None, services: Services, deadline: float | None
) -> Outcome:
    """Return the outcome of an exported interview: if it is completed, as the interviewer extracts it.

    The outcome that the rules of the guide find takes its place if the interviewer cannot extract, fails or is late. It
    also has the known systems and roles that the answers name.

    known: what is known of the organization. deadline: that of the request, in the event loop's time. No transaction
    may be open.
    """
    guide = services.guides.find(export.guide)
    conversation = await render(export, read_conversation, export)
    if services.outcomes is not None and export.facts["is_complete"]:
        extracted = await services.outcomes.find(interview_id, conversation, guide, deadline)
        if extracted is not None:
            return extracted
    if known is not None:
        names = await asyncio.to_thread(known.names.find, answers_of(conversation.history))
        conversation = replace(conversation, known=names)
    return await render(export, get_assembler(guide).assemble, conversation)


def document(text: str, name: str, media_type: str, language: str) -> Response:
    """Return a document as a download with the file name `name`. language: that of its text."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Language": language,
        "X-Content-Type-Options": "nosniff",
    }
    return Response(text, media_type=media_type, headers=headers)
