"""The errors of the domain. `app/http/error_responses.py` maps each of them to a response."""

from dataclasses import dataclass


class DomainError(Exception):
    """Base class of the errors in this module. They hold facts, and neither a message for clients nor a status."""


class AuthenticationRequired(DomainError):
    """The request has no bearer token, or a malformed Authorization header."""


class TokenExpired(DomainError):
    """The token is valid except that it has expired."""


@dataclass
class InvalidToken(DomainError):
    """The token has a wrong signature, algorithm, key, issuer, audience or claim. `reason` is logged, never sent."""

    reason: str = "not valid"


class InvalidCredentials(DomainError):
    """No account has this e-mail address and password."""


@dataclass
class TooManyAttempts(DomainError):
    """Too many logins from one address. `retry_after` is in whole seconds."""

    retry_after: int


@dataclass
class PermissionMissing(DomainError):
    """The token lacks the permission that the operation requires."""

    required: str
    held: list[str]


class AccessDenied(DomainError):
    """The caller cannot access the interview."""


class InterviewNotFound(DomainError):
    """No interview has this id."""


class NotInProgress(DomainError):
    """A completed or cancelled interview cannot be continued."""


@dataclass
class QuestionNotOpen(DomainError):
    """The answered question is not the open one, or another request has answered it in the meantime."""

    open_question: int


class IdempotencyKeyReused(DomainError):
    """The Idempotency-Key was used before with another body."""


class KeyServerUnavailable(DomainError):
    """The keys that verify tokens are not available."""


@dataclass
class InterviewerUnavailable(DomainError):
    """The interviewer failed or did not reply in time. Nothing was written.

    retry_after: seconds that the interviewer asked to wait, without an upper limit, or 0.
    """

    retry_after: float = 0


@dataclass
class DatabaseUnavailable(DomainError):
    """The database is unreachable, the pool is exhausted or a deadline has passed.

    reason: free of addresses and names. detail: for operators, may contain them.
    """

    reason: str
    detail: str = ""

    @property
    def explanation(self) -> str:
        """The detail if there is one, otherwise the reason."""
        return self.detail or self.reason


class DatabaseNotOpen(DatabaseUnavailable):
    """The application handles requests but its lifespan has not run, which opens the database."""

    def __init__(self) -> None:
        super().__init__(
            "The application's lifespan has not run, so the database is not open; run it with `with TestClient(app)`, "
            "`async with app.router.lifespan_context(app)` or a server with the lifespan on, and if the application is "
            "mounted, within the lifespan of the outer application"
        )


class CommitStatusUnknown(DatabaseUnavailable):
    """The connection was lost during COMMIT, and the database could not be asked whether it had committed."""
