"""Render exported interviews, and send them as documents to download."""

import asyncio
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from starlette.responses import Response

from app.use_cases.export_interview import Export

_P = ParamSpec("_P")
_T = TypeVar("_T")

_MAX_ON_THE_LOOP = 4096
"""Bytes of a transcript. A longer one may take tens of milliseconds, in which the event loop serves other requests."""


async def render(
    function: Callable[Concatenate[Export, _P], _T], export: Export, *arguments: _P.args, **options: _P.kwargs
) -> _T:
    """Call a function that renders an export, in a thread if the conversation is long."""
    if len(export.transcript) <= _MAX_ON_THE_LOOP:
        return function(export, *arguments, **options)
    return await asyncio.to_thread(function, export, *arguments, **options)


def document(text: str, name: str, media_type: str, language: str) -> Response:
    """Return a document as a download with the file name `name`. language: that of its text."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Language": language,
        "X-Content-Type-Options": "nosniff",
    }
    return Response(text, media_type=media_type, headers=headers)
