"""The mapping from errors to HTTP responses. A test checks that every error of the service has an entry."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import structlog
from starlette.requests import Request

from app.domain import errors
from app.http import errors as http_errors
from app.http.envelope import Envelope, encode_envelope, encode_headers, failure
from app.logs import current_request_id
from app.server import WORKER

RETRY_AFTER = 1
"""Seconds in `Retry-After` of a 503. An exhausted pool or a lost connection usually recovers within a second."""

ERROR_KEY = "interview-system.error"
"""Scope key of the fields that an error response adds to the request's log line."""

_MAX_RETRY_AFTER = 3600
"""Longest `Retry-After` in seconds that an interviewer can cause."""

log = structlog.get_logger(__name__)

_CHALLENGE = {"WWW-Authenticate": "Bearer"}
_CLOSE = {"Connection": "close"}
_RETRY = {"Retry-After": str(RETRY_AFTER)}


@dataclass(frozen=True)
class ErrorResponse:
    """The status, message, errors and headers of one error response.

    Most of them differ only in the request id, so the rest of the body is encoded once.
    """

    status: int
    message: str
    errors: list[dict[str, Any]]
    headers: Mapping[str, str] = field(default_factory=dict)

    def encode(self, request_id: str | None) -> bytes:
        """Return the JSON body. request_id: letters, digits, dots, dashes and underscores only."""
        if request_id is None:
            return self._body_without_meta
        return b'%b{"request_id":"%b"}}' % (self._body_up_to_meta, request_id.encode())

    @cached_property
    def _body_without_meta(self) -> bytes:
        return encode_envelope("error", self.status, self.message, None, self.errors, None)

    @cached_property
    def _body_up_to_meta(self) -> bytes:
        return self._body_without_meta.removesuffix(b"null}")

    @cached_property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers in ASGI form."""
        return encode_headers(self.headers)


def _response(
    status: int, message: str, field_name: str, error: str, headers: Mapping[str, str] | None = None
) -> ErrorResponse:
    return ErrorResponse(status, message, [{"field": field_name, "error": error}], headers or {})


def _permission_missing(error: errors.PermissionMissing) -> ErrorResponse:
    entry = {
        "field": "permissions",
        "error": f"Required permission: {error.required}",
        "user_permissions": error.held,
    }
    return ErrorResponse(403, "Insufficient permissions", [entry])


def _invalid_request(error: http_errors.InvalidRequest) -> ErrorResponse:
    entries = [{"field": each.field, "error": each.error, "type": each.type} for each in error.errors]
    return ErrorResponse(422, "Validation error", entries)


def _body_too_large(error: http_errors.BodyTooLarge) -> ErrorResponse:
    limit = "1 MiB" if error.max_size == 1024 * 1024 else f"{error.max_size // 1024} KiB"
    return _response(413, "Request body too large", "body", f"The body may have {limit} at the most")


def _too_many_attempts(error: errors.TooManyAttempts) -> ErrorResponse:
    seconds = max(1, math.ceil(error.retry_after))
    text = f"Too many logins from this address; try again in {seconds} seconds"
    return _response(429, "Too many attempts", "email", text, {"Retry-After": str(seconds)})


def _question_not_open(error: errors.QuestionNotOpen) -> ErrorResponse:
    text = f"Question {error.open_question} is the open one; read it first"
    return _response(409, "Question is not open", "question_number", text)


def _interviewer_unavailable(error: errors.InterviewerUnavailable) -> ErrorResponse:
    seconds = math.ceil(min(max(RETRY_AFTER, error.retry_after), _MAX_RETRY_AFTER))
    text = "No question could be made; nothing was stored, try again"
    return _response(503, "Interviewer unavailable", "interviewer", text, {"Retry-After": str(seconds)})


def _request_timed_out(error: http_errors.RequestTimedOut) -> ErrorResponse:
    if error.partly_stored:
        text = "The request took too long and a part of it was stored; look before repeating it"
    else:
        text = "The request took too long; nothing was changed, try again"
    return _response(503, "Request timed out", "request", text, _RETRY)


_UNAUTHORIZED = "Send a bearer token in the Authorization header"
_UNAVAILABLE = "Service temporarily unavailable"
_DATABASE_UNAVAILABLE = "The database cannot serve the request now; nothing was changed, try again"
_COMMIT_STATUS_UNKNOWN = (
    "The connection to the database was lost and what became of the request is not known; "
    "look before repeating it, or repeat it under its Idempotency-Key"
)

ERROR_RESPONSES: dict[type[Exception], ErrorResponse | Callable[[Any], ErrorResponse]] = {
    errors.AuthenticationRequired: _response(
        401, "Authentication required", "authorization", _UNAUTHORIZED, _CHALLENGE
    ),
    errors.TokenExpired: _response(401, "Token expired", "token", "The token has expired", _CHALLENGE),
    errors.InvalidToken: _response(401, "Invalid token", "token", "The token is not valid here", _CHALLENGE),
    errors.InvalidCredentials: _response(
        401, "Invalid credentials", "credentials", "No account has this e-mail address and password", _CHALLENGE
    ),
    errors.PermissionMissing: _permission_missing,
    errors.AccessDenied: _response(403, "Access denied", "interview_id", "Interview belongs to someone else"),
    errors.InterviewNotFound: _response(404, "Interview not found", "interview_id", "Interview does not exist"),
    http_errors.BadRequest: lambda error: _response(400, "Bad request", "request", error.reason),
    http_errors.PathNotFound: _response(404, "Not found", "path", "Nothing lives at this path"),
    http_errors.MethodNotAllowed: lambda error: _response(
        405, "Method not allowed", "method", f"Allowed here: {error.allowed}", {"Allow": error.allowed}
    ),
    http_errors.NotAcceptable: lambda error: _response(
        406, "Not acceptable", "Accept", f"What can be sent here: {error.offered}"
    ),
    http_errors.ReceiveTimedOut: _response(
        408, "Request timeout", "request", "The request did not arrive in time", _CLOSE
    ),
    errors.NotInProgress: _response(
        409, "Interview is not in progress", "status", "Only an interview in progress can be continued"
    ),
    errors.QuestionNotOpen: _question_not_open,
    errors.IdempotencyKeyReused: _response(
        409, "Idempotency key was used before", "Idempotency-Key", "This key came with another body before"
    ),
    http_errors.BodyTooLarge: _body_too_large,
    http_errors.TargetTooLong: _response(414, "URI too long", "path", "The request target is too long"),
    http_errors.UnsupportedMediaType: _response(
        415, "Unsupported media type", "body", "Send JSON, with Content-Type: application/json"
    ),
    http_errors.InvalidRequest: _invalid_request,
    errors.TooManyAttempts: _too_many_attempts,
    http_errors.HeadersTooLarge: _response(
        431, "Request header fields too large", "headers", "The headers are too large or too many"
    ),
    http_errors.TransferCodingNotSupported: _response(
        501, "Not implemented", "Transfer-Encoding", "The only supported transfer coding is chunked"
    ),
    errors.KeyServerUnavailable: _response(
        503, "Authentication service unavailable", "service", "The key server cannot be reached; try again", _RETRY
    ),
    errors.InterviewerUnavailable: _interviewer_unavailable,
    errors.DatabaseUnavailable: _response(503, _UNAVAILABLE, "database", _DATABASE_UNAVAILABLE, _RETRY),
    errors.DatabaseNotOpen: lambda error: _response(503, _UNAVAILABLE, "database", error.reason, _RETRY),
    errors.CommitStatusUnknown: _response(503, _UNAVAILABLE, "database", _COMMIT_STATUS_UNKNOWN, _RETRY),
    http_errors.Overloaded: _response(
        503, _UNAVAILABLE, "service", "Too many requests are running; nothing was changed, try again", _RETRY
    ),
    http_errors.RequestTimedOut: _request_timed_out,
    http_errors.VersionNotSupported: _response(
        505, "HTTP version not supported", "request", "The supported versions are HTTP/1.0 and HTTP/1.1"
    ),
}

INTERNAL_ERROR = _response(500, "Internal server error", "general", "An unexpected error occurred")


def find_error_response(error: Exception) -> ErrorResponse:
    """Return the entry of the error's class or its nearest base class, or a 500 without details."""
    for kind in type(error).__mro__:
        entry = ERROR_RESPONSES.get(kind)
        if entry is not None:
            return entry if isinstance(entry, ErrorResponse) else entry(error)
    return INTERNAL_ERROR


def error_response(request: Request, error: Exception) -> Envelope:
    """Return the response to `request` for `error`.

    The request's log line gets the reason, without submitted values. An unexpected error is logged with its traceback
    too.
    """
    response = find_error_response(error)
    if response is INTERNAL_ERROR:
        log.error("unexpected_error", path=request.scope["path"], method=request.method, exc_info=error)
        WORKER.stop_if_out_of_memory()
    else:
        request.scope[ERROR_KEY] = {
            "error": type(error).__name__,
            "errors": len(response.errors),
            "reason": getattr(error, "explanation", None) or getattr(error, "reason", None),
        }
    if response.status != 422:
        return Envelope(response.encode(current_request_id.get()), response.status, response.raw_headers)
    meta = {"endpoint": request.scope["path"], "method": request.method, "request_id": current_request_id.get()}
    return failure(response.status, response.message, response.errors, meta=meta, headers=response.headers)
