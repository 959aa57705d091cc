"""The table of refusals is complete, and says what the wire format says."""

import importlib
import pkgutil
from http import HTTPStatus

import pytest

import app
from app.domain.errors import DomainError, Fault
from app.refusals import INTERNAL, REFUSALS, refusal_of
from app.use_cases.accounts import AccountExists, AccountNotFound

ARGUMENTS: dict[str, tuple[object, ...]] = {
    "TooManyAttempts": (7,),
    "PermissionMissing": ("interviews:read", ["interviews:create"]),
    "QuestionMovedOn": (3,),
    "InvalidInput": ([Fault("page", "too small", "greater_than_equal")],),
    "MethodNotAllowed": ("GET",),
}

WIRE = {
    "AuthenticationRequired": (401, "Authentication required"),
    "TokenExpired": (401, "Token expired"),
    "InvalidToken": (401, "Invalid token"),
    "InvalidCredentials": (401, "Invalid credentials"),
    "PermissionMissing": (403, "Insufficient permissions"),
    "AccessDenied": (403, "Access denied"),
    "InterviewNotFound": (404, "Interview not found"),
    "NotFound": (404, "Not found"),
    "MethodNotAllowed": (405, "Method not allowed"),
    "InvalidInput": (422, "Validation error"),
    "KeyServerUnavailable": (503, "Authentication service unavailable"),
}

OF_THE_COMMAND_LINE = {AccountExists, AccountNotFound}
"""Refusals that no request can meet."""


def _all_errors(kind: type[DomainError] = DomainError) -> list[type[DomainError]]:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return [each for child in kind.__subclasses__() for each in (child, *_all_errors(child))]


@pytest.mark.parametrize("kind", sorted(set(_all_errors()) - OF_THE_COMMAND_LINE, key=lambda kind: kind.__name__))
def test_every_domain_error_has_its_refusal(kind: type[DomainError]) -> None:
    default = ("out of reach",) if any(base.__name__ == "DatabaseUnavailable" for base in kind.__mro__) else ()

    refusal = refusal_of(kind(*ARGUMENTS.get(kind.__name__, default)))

    assert refusal is not INTERNAL
    assert 400 <= HTTPStatus(refusal.status) < 500 or refusal.status == 503
    assert all(error["field"] and error["error"] for error in refusal.errors)
    if kind.__name__ in WIRE:
        assert (refusal.status, refusal.message) == WIRE[kind.__name__]


def test_what_is_no_domain_error_is_a_500_that_tells_nothing() -> None:
    assert refusal_of(ZeroDivisionError("secret")) is INTERNAL
    assert (INTERNAL.status, INTERNAL.message) == (500, "Internal server error")


def test_the_table_holds_nothing_that_is_never_raised() -> None:
    assert set(REFUSALS) <= set(_all_errors())
