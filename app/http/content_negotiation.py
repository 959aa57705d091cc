"""Content negotiation: select the response's media type by the Accept header (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence

from mimeparse import MimeTypeParseException, best_match  # type: ignore[import-untyped]
from starlette.requests import Request

from app.http.errors import NotAcceptable

JSON = "application/json"
EVENT_STREAM = "text/event-stream"
MARKDOWN = "text/markdown"
CSV = "text/csv"
BPMN = "application/bpmn+xml"


def select_media_type(request: Request, offered: Sequence[str]) -> str | None:
    """Return the offered media type that the client prefers, or None if it accepts none of them.

    The first one wins if the client has no preference.
    """
    accept = ",".join(str(value, "latin-1") for name, value in request.scope["headers"] if name == b"accept").lower()
    if not accept.strip() or accept == "*/*":
        return offered[0]
    try:
        return best_match(list(reversed(offered)), accept) or None
    except MimeTypeParseException:
        return None


def require_media_type(request: Request, offered: Sequence[str]) -> str:
    """Return the offered media type that the client prefers. Raises NotAcceptable if it accepts none of them."""
    media_type = select_media_type(request, offered)
    if media_type is None:
        raise NotAcceptable(", ".join(offered))
    return media_type
