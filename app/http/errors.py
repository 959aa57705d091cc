"""Errors in the HTTP request itself, raised before any use case runs. `error_responses.py` maps each to a response."""

from dataclasses import dataclass


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


class BodyTooLarge(HTTPError):
    """The request body is larger than 1 MiB."""


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


class RequestTimedOut(HTTPError):
    """The request did not finish within REQUEST_TIMEOUT."""
