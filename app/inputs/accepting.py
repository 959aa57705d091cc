"""Which of the media types that we can send a client wants: its Accept header (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence

from mimeparse import MimeTypeParseException, best_match  # type: ignore[import-untyped]
from starlette.requests import Request

from app.domain.errors import NotAcceptable

JSON = "application/json"
EVENT_STREAM = "text/event-stream"
MARKDOWN = "text/markdown"
CSV = "text/csv"


def accepted(request: Request, offered: Sequence[str]) -> str | None:
    """The one of `offered` that the client likes best, None where it wants none of them.

    The first one where it likes several alike, or does not say.
    """
    wanted = ",".join(str(value, "latin-1") for name, value in request.scope["headers"] if name == b"accept").lower()
    if not wanted.strip() or wanted == "*/*":
        return offered[0]
    try:
        return best_match(list(reversed(offered)), wanted) or None
    except MimeTypeParseException:
        return None


def acceptable(request: Request, offered: Sequence[str]) -> str:
    """The same. Raises NotAcceptable where there is none."""
    media_type = accepted(request, offered)
    if media_type is None:
        raise NotAcceptable(", ".join(offered))
    return media_type
