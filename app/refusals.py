"""Domain error → status and message: the only mapping. A test proves that every domain error stands in it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import structlog
from starlette.requests import Request

from app.domain import errors
from app.envelope import Envelope, failure, raw_headers, rendered
from app.logs import request_id_of_lines

RETRY_AFTER = 1
"""Seconds after which a 503 may be tried again: what is out of reach or exhausted is usually back by then."""

_LONGEST_WAIT = 3600
"""Seconds that an interviewer can have clients wait at the most."""

REFUSED = "interview-system.refused"
"""Where the scope of a refused request says why, for its line in the log."""

log = structlog.get_logger(__name__)

_CHALLENGE = {"WWW-Authenticate": "Bearer"}
_LATER = {"Retry-After": str(RETRY_AFTER)}


@dataclass(frozen=True)
class Refusal:
    """One refusal as clients see it. `errors` are the envelope's."""

    status: int
    message: str
    errors: list[dict[str, Any]]
    headers: Mapping[str, str] = field(default_factory=dict)

    # Most refusals are always the same but for the request's id, and rendered once.

    def body(self, request_id: str | None) -> bytes:
        """The envelope's text. request_id: of letters, digits, dots, dashes and underscores alone."""
        if request_id is None:
            return self._without_meta
        return b'%b{"request_id":"%b"}}' % (self._up_to_meta, request_id.encode())

    @cached_property
    def _without_meta(self) -> bytes:
        return rendered("error", self.status, self.message, None, self.errors, None)

    @cached_property
    def _up_to_meta(self) -> bytes:
        return self._without_meta.removesuffix(b"null}")

    @cached_property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """`headers` as ASGI wants them."""
        return raw_headers(self.headers)


def _one(status: int, message: str, place: str, error: str, headers: Mapping[str, str] | None = None) -> Refusal:
    return Refusal(status, message, [{"field": place, "error": error}], headers or {})


def _permission_missing(error: errors.PermissionMissing) -> Refusal:
    fault = {
        "field": "permissions",
        "error": f"Required permission: {error.required}",
        "user_permissions": error.held,
    }
    return Refusal(403, "Insufficient permissions", [fault])


def _invalid_input(error: errors.InvalidInput) -> Refusal:
    faults = [{"field": fault.field, "error": fault.error, "type": fault.type} for fault in error.faults]
    return Refusal(422, "Validation error", faults)


def _too_many_attempts(error: errors.TooManyAttempts) -> Refusal:
    wait = max(1, math.ceil(error.retry_after))
    text = f"Too many logins from this address; try again in {wait} seconds"
    return _one(429, "Too many attempts", "email", text, {"Retry-After": str(wait)})


def _moved_on(error: errors.QuestionMovedOn) -> Refusal:
    return _one(
        409, "Question is not open", "question_number", f"Question {error.open_question} is the open one; read it first"
    )


def _interviewer_unavailable(error: errors.InterviewerUnavailable) -> Refusal:
    wait = math.ceil(min(max(RETRY_AFTER, error.retry_after), _LONGEST_WAIT))
    text = "No question could be made; nothing was stored, try again"
    return _one(503, "Interviewer unavailable", "interviewer", text, {"Retry-After": str(wait)})


_UNAUTHORIZED = "Send a bearer token in the Authorization header"
_UNAVAILABLE = "Service temporarily unavailable"
_UNREACHABLE = "The database cannot serve the request now; nothing was changed, try again"
_UNKNOWN = (
    "The connection to the database was lost and what became of the request is not known; "
    "look before repeating it, or repeat it under its Idempotency-Key"
)

REFUSALS: dict[type[errors.DomainError], Refusal | Callable[[Any], Refusal]] = {
    errors.AuthenticationRequired: _one(401, "Authentication required", "authorization", _UNAUTHORIZED, _CHALLENGE),
    errors.TokenExpired: _one(401, "Token expired", "token", "The token has expired", _CHALLENGE),
    errors.InvalidToken: _one(401, "Invalid token", "token", "The token is not valid here", _CHALLENGE),
    errors.InvalidCredentials: _one(
        401, "Invalid credentials", "credentials", "No account has this e-mail address and password", _CHALLENGE
    ),
    errors.PermissionMissing: _permission_missing,
    errors.AccessDenied: _one(403, "Access denied", "interview_id", "Interview belongs to someone else"),
    errors.InterviewNotFound: _one(404, "Interview not found", "interview_id", "Interview does not exist"),
    errors.NotFound: _one(404, "Not found", "path", "Nothing lives at this path"),
    errors.MethodNotAllowed: lambda error: _one(
        405, "Method not allowed", "method", f"Allowed here: {error.allowed}", {"Allow": error.allowed}
    ),
    errors.NotAcceptable: lambda error: _one(
        406, "Not acceptable", "Accept", f"What can be sent here: {error.offered}"
    ),
    errors.NotInProgress: _one(
        409, "Interview is not in progress", "status", "Only an interview in progress can be continued"
    ),
    errors.QuestionMovedOn: _moved_on,
    errors.KeyReused: _one(
        409, "Idempotency key was used before", "Idempotency-Key", "This key came with another body before"
    ),
    errors.BodyTooLarge: _one(413, "Request body too large", "body", "The body may have 1 MiB at the most"),
    errors.UnsupportedMediaType: _one(
        415, "Unsupported media type", "body", "Send JSON, with Content-Type: application/json"
    ),
    errors.InvalidInput: _invalid_input,
    errors.TooManyAttempts: _too_many_attempts,
    errors.KeyServerUnavailable: _one(
        503, "Authentication service unavailable", "service", "The key server cannot be reached; try again", _LATER
    ),
    errors.InterviewerUnavailable: _interviewer_unavailable,
    errors.DatabaseUnavailable: _one(503, _UNAVAILABLE, "database", _UNREACHABLE, _LATER),
    errors.OutcomeUnknown: _one(503, _UNAVAILABLE, "database", _UNKNOWN, _LATER),
    errors.DeadlinePassed: _one(
        503, "Request timed out", "request", "The request took too long; nothing was changed, try again", _LATER
    ),
}

INTERNAL = _one(500, "Internal server error", "general", "An unexpected error occurred")


def refusal_of(error: Exception) -> Refusal:
    """What an error looks like on the wire: its entry, or its nearest base class's; else a 500 that tells nothing."""
    for kind in type(error).__mro__:
        entry = REFUSALS.get(kind)
        if entry is not None:
            return entry if isinstance(entry, Refusal) else entry(error)
    return INTERNAL


def answer(request: Request, error: Exception) -> Envelope:
    """The refusal of `request` for `error`, as a response. The request's line in the log tells why, and no value of it.

    What nobody has foreseen is logged with its traceback besides.
    """
    refusal = refusal_of(error)
    if refusal is INTERNAL:
        log.error("unexpected_error", path=request.scope["path"], method=request.method, exc_info=error)
    else:
        request.scope[REFUSED] = {
            "refusal": type(error).__name__,
            "faults": len(refusal.errors),
            "reason": getattr(error, "explained", None) or getattr(error, "reason", None),
        }
    if refusal.status != 422:
        return Envelope(refusal.body(request_id_of_lines.get()), refusal.status, refusal.raw_headers)
    meta = {"endpoint": request.scope["path"], "method": request.method, "request_id": request_id_of_lines.get()}
    return failure(refusal.status, refusal.message, refusal.errors, meta=meta, headers=refusal.headers)
