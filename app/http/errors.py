"""Errors in the HTTP request itself, raised before any use case runs. `error_responses.py` maps each to a response."""

from dataclasses import dataclass

REJECTED = "interview-system.rejected"
"""Scope key of the HTTPError for which the HTTP protocol rejects a request, or the rest of its body."""


class HTTPError(Exception):
    """Base class of the errors in this module."""


class PathNotFound(HTTPError):
    """No route has this path."""


@dataclass
class MethodNotAllowed(HTTPError):
    """The path does not support the method. `allowed` lists the methods that it supports, separated by commas."""

    allowed: str


@dataclass
class NotAcceptable(HTTPError):
    """`Accept` matches no available media type. `offered` lists the available ones, separated by commas."""

    offered: str


@dataclass
class BodyTooLarge(HTTPError):
    """The request body is larger than `max_size` bytes."""

    max_size: int


class UnsupportedMediaType(HTTPError):
    """The request body is not declared as application/json."""


@dataclass(frozen=True)
class FieldError:
    """One error in a request: the field's name in wire form, a message for people, and pydantic's error type."""

    field: str
    error: str
    type: str


@dataclass
class InvalidRequest(HTTPError):
    """The request is invalid. `errors` has one entry per invalid field."""

    errors: list[FieldError]


@dataclass
class BadRequest(HTTPError):
    """The message is not valid HTTP/1.1 (RFC 9112). `reason` names the broken rule."""

    reason: str


class ReceiveTimedOut(HTTPError):
    """The headers did not arrive within HEADER_TIMEOUT, or the body within BODY_TIMEOUT."""


class TargetTooLong(HTTPError):
    """The request target is longer than MAX_TARGET_SIZE."""


class HeadersTooLarge(HTTPError):
    """One header, all headers together or their number exceed a limit."""


class TransferCodingNotSupported(HTTPError):
    """The transfer coding of the body is not `chunked`."""


class VersionNotSupported(HTTPError):
    """The HTTP version is neither 1.0 nor 1.1."""


class Overloaded(HTTPError):
    """The worker already handles MAX_CONCURRENT_REQUESTS requests."""


@dataclass
class RequestTimedOut(HTTPError):
    """The request did not finish within REQUEST_TIMEOUT. partly_stored: a transaction of it has been committed."""

    partly_stored: bool = False
