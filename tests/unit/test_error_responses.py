"""The table from domain errors to error responses follows the wire format."""

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

FIELD_ERROR = http_errors.FieldError("page", "Input should be greater", "greater_than_equal")

EXPECTED: list[tuple[Exception, int, str, str]] = [
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
    (http_errors.InvalidRequest([FIELD_ERROR]), 422, "Validation error", "page"),
    (errors.TooManyAttempts(7), 429, "Too many attempts", "email"),
    (http_errors.HeadersTooLarge(), 431, "Request header fields too large", "headers"),
    (http_errors.TransferCodingNotSupported(), 501, "Not implemented", "Transfer-Encoding"),
    (errors.KeyServerUnavailable(), 503, "Authentication service unavailable", "service"),
    (errors.InterviewerUnavailable(), 503, "Interviewer unavailable", "interviewer"),
    (errors.DatabaseUnavailable("gone"), 503, "Service temporarily unavailable", "database"),
    (errors.DatabaseNotOpen(), 503, "Service temporarily unavailable", "database"),
    (errors.CommitStatusUnknown("gone"), 503, "Service temporarily unavailable", "database"),
    (http_errors.Overloaded(), 503, "Service temporarily unavailable", "service"),
    (http_errors.RequestTimedOut(), 503, "Request timed out", "request"),
    (http_errors.VersionNotSupported(), 505, "HTTP version not supported", "request"),
]

INHERITED = {ConnectionLost}
COMMAND_LINE_ERRORS = {AccountExists, AccountNotFound}


def _find_subclasses(kind: type[Exception]) -> set[type[Exception]]:
    return {each for child in kind.__subclasses__() for each in (child, *_find_subclasses(child))}


@pytest.mark.parametrize(("error", "status", "message", "field"), EXPECTED, ids=lambda value: type(value).__name__)
def test_an_error_response_follows_the_wire_format(error: Exception, status: int, message: str, field: str) -> None:
    response = find_error_response(error)

    assert (response.status, response.message) == (status, message)
    assert [each["field"] for each in response.errors] == [field]
    assert all(each["error"] for each in response.errors)
    assert ("Retry-After" in response.headers) == (status in (429, 503))
    assert response.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)
    assert response.headers.get("Allow") == ("GET" if status == 405 else None)


@pytest.mark.parametrize(
    ("requested", "sent"),
    [(0, 1), (-5, 1), (0.2, 1), (1, 1), (29.01, 30), (3600, 3600), (86_400, 3600), (math.inf, 3600), (math.nan, 1)],
)
def test_the_retry_after_of_an_interviewer_is_limited(requested: float, sent: int) -> None:
    assert find_error_response(errors.InterviewerUnavailable(requested)).headers == {"Retry-After": str(sent)}


def test_every_domain_error_has_its_own_response_or_inherits_one_on_purpose() -> None:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)

    assert _find_subclasses(errors.DomainError) - set(ERROR_RESPONSES) == INHERITED | COMMAND_LINE_ERRORS


def test_an_error_without_its_own_response_inherits_that_of_its_base() -> None:
    assert find_error_response(ConnectionLost("gone")) == find_error_response(errors.DatabaseUnavailable("gone"))


def test_an_unexpected_error_is_a_500_without_details() -> None:
    assert find_error_response(ZeroDivisionError("secret")) is INTERNAL_ERROR
    assert (INTERNAL_ERROR.status, INTERNAL_ERROR.message) == (500, "Internal server error")


def test_the_expected_responses_cover_the_whole_table() -> None:
    assert {type(error) for error, *_ in EXPECTED} == set(ERROR_RESPONSES)


def test_an_error_response_does_not_contain_the_internal_reason() -> None:
    for kind in (errors.DatabaseUnavailable, errors.CommitStatusUnknown, ConnectionLost):
        assert "10.0.0.7" not in str(find_error_response(kind("no route to 10.0.0.7")))
