"""The one table from refusal to status and message says what the wire format says, line by line."""

import importlib
import math
import pkgutil

import pytest

import app
from app.database.errors import ConnectionLost
from app.domain import errors
from app.http import errors as http_errors
from app.http.error_responses import ERROR_RESPONSES, INTERNAL_ERROR, find_error_response
from app.use_cases.accounts import AccountExists, AccountNotFound

FAULT = http_errors.FieldError("page", "Input should be greater", "greater_than_equal")

WIRE: list[tuple[Exception, int, str, str]] = [
    (errors.AuthenticationRequired(), 401, "Authentication required", "authorization"),
    (errors.TokenExpired(), 401, "Token expired", "token"),
    (errors.InvalidToken(), 401, "Invalid token", "token"),
    (errors.InvalidCredentials(), 401, "Invalid credentials", "credentials"),
    (errors.PermissionMissing("interviews:read", []), 403, "Insufficient permissions", "permissions"),
    (errors.AccessDenied(), 403, "Access denied", "interview_id"),
    (errors.InterviewNotFound(), 404, "Interview not found", "interview_id"),
    (http_errors.BadRequest("Send exactly one Host header"), 400, "Bad request", "request"),
    (http_errors.PathNotFound(), 404, "Not found", "path"),
    (http_errors.MethodNotAllowed("GET"), 405, "Method not allowed", "method"),
    (http_errors.NotAcceptable("text/csv"), 406, "Not acceptable", "Accept"),
    (http_errors.ReceiveTimedOut(), 408, "Request timeout", "request"),
    (errors.NotInProgress(), 409, "Interview is not in progress", "status"),
    (errors.QuestionNotOpen(2), 409, "Question is not open", "question_number"),
    (errors.IdempotencyKeyReused(), 409, "Idempotency key was used before", "Idempotency-Key"),
    (http_errors.BodyTooLarge(65536), 413, "Request body too large", "body"),
    (http_errors.TargetTooLong(), 414, "URI too long", "path"),
    (http_errors.UnsupportedMediaType(), 415, "Unsupported media type", "body"),
    (http_errors.InvalidRequest([FAULT]), 422, "Validation error", "page"),
    (errors.TooManyAttempts(7), 429, "Too many attempts", "email"),
    (http_errors.HeadersTooLarge(), 431, "Request header fields too large", "headers"),
    (http_errors.TransferCodingNotSupported(), 501, "Not implemented", "Transfer-Encoding"),
    (errors.KeyServerUnavailable(), 503, "Authentication service unavailable", "service"),
    (errors.InterviewerUnavailable(), 503, "Interviewer unavailable", "interviewer"),
    (errors.DatabaseUnavailable("gone"), 503, "Service temporarily unavailable", "database"),
    (errors.CommitStatusUnknown("gone"), 503, "Service temporarily unavailable", "database"),
    (http_errors.Overloaded(), 503, "Service temporarily unavailable", "service"),
    (http_errors.RequestTimedOut(), 503, "Request timed out", "request"),
    (http_errors.VersionNotSupported(), 505, "HTTP version not supported", "request"),
]

AS_THEIR_BASE = {ConnectionLost}
OF_THE_COMMAND_LINE = {AccountExists, AccountNotFound}


def _all(kind: type[Exception]) -> set[type[Exception]]:
    return {each for child in kind.__subclasses__() for each in (child, *_all(child))}


@pytest.mark.parametrize(("error", "status", "message", "field"), WIRE, ids=lambda value: type(value).__name__)
def test_a_refusal_is_what_the_wire_format_says(error: Exception, status: int, message: str, field: str) -> None:
    refusal = find_error_response(error)

    assert (refusal.status, refusal.message) == (status, message)
    assert [each["field"] for each in refusal.errors] == [field]
    assert all(each["error"] for each in refusal.errors)
    assert ("Retry-After" in refusal.headers) == (status in (429, 503))
    assert refusal.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)
    assert refusal.headers.get("Allow") == ("GET" if status == 405 else None)


@pytest.mark.parametrize(
    ("wished", "told"),
    [(0, 1), (-5, 1), (0.2, 1), (1, 1), (29.01, 30), (3600, 3600), (86_400, 3600), (math.inf, 3600), (math.nan, 1)],
)
def test_an_interviewer_that_wants_to_be_left_alone_is_for_as_long_within_reason(wished: float, told: int) -> None:
    assert find_error_response(errors.InterviewerUnavailable(wished)).headers == {"Retry-After": str(told)}


def test_every_refusal_has_a_line_of_its_own_and_the_others_are_meant_to_be_like_their_base() -> None:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)

    assert _all(errors.DomainError) - set(ERROR_RESPONSES) == AS_THEIR_BASE | OF_THE_COMMAND_LINE


def test_what_is_like_its_base_is_refused_as_its_base_is() -> None:
    assert find_error_response(ConnectionLost("gone")) == find_error_response(errors.DatabaseUnavailable("gone"))


def test_what_is_no_domain_error_is_a_500_that_tells_nothing() -> None:
    assert find_error_response(ZeroDivisionError("secret")) is INTERNAL_ERROR
    assert (INTERNAL_ERROR.status, INTERNAL_ERROR.message) == (500, "Internal server error")


def test_the_list_above_is_the_whole_table() -> None:
    assert {type(error) for error, *_ in WIRE} == set(ERROR_RESPONSES)


def test_a_refusal_says_nothing_of_the_reason_that_is_not_for_clients() -> None:
    for kind in (errors.DatabaseUnavailable, errors.CommitStatusUnknown, ConnectionLost):
        assert "10.0.0.7" not in str(find_error_response(kind("no route to 10.0.0.7")))
