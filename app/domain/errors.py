"""Every deliberate refusal, by name. `app/http/error_responses.py` alone says what each looks like on the wire."""

from dataclasses import dataclass


class DomainError(Exception):
    """A deliberate refusal. Raised anywhere below the endpoints; carries facts, never wording or a status."""


class AuthenticationRequired(DomainError):
    """No bearer token, or a header that is none."""


class TokenExpired(DomainError):
    """The token was good once."""


@dataclass
class InvalidToken(DomainError):
    """Wrong signature, algorithm, key, issuer, audience or claims. `reason` is not for clients."""

    reason: str = "not valid"


class InvalidCredentials(DomainError):
    """No account with this e-mail and password."""


@dataclass
class TooManyAttempts(DomainError):
    """Too many logins from one address; `retry_after` in whole seconds."""

    retry_after: int


@dataclass
class PermissionMissing(DomainError):
    """The token does not carry the permission that the operation asks for."""

    required: str
    held: list[str]


class AccessDenied(DomainError):
    """The interview belongs to someone whom the caller may not act for."""


class InterviewNotFound(DomainError):
    """No interview has this id."""


class NotInProgress(DomainError):
    """A completed or cancelled interview cannot be continued."""


@dataclass
class QuestionNotOpen(DomainError):
    """The question that the caller answers is not the open one, or was answered by another meanwhile."""

    open_question: int


class IdempotencyKeyReused(DomainError):
    """An Idempotency-Key that was used for another body."""


class KeyServerUnavailable(DomainError):
    """The keys that verify tokens cannot be had now."""


@dataclass
class InterviewerUnavailable(DomainError):
    """The interviewer could not be asked, or did not answer in time. Nothing was written.

    retry_after: seconds after which it wants to be asked again, where it said so; any number of them.
    """

    retry_after: float = 0


@dataclass
class DatabaseUnavailable(DomainError):
    """The database cannot serve now: out of reach, pool exhausted, a deadline passed.

    reason: without addresses and names. detail: with them, for those who run the service.
    """

    reason: str
    detail: str = ""

    @property
    def explanation(self) -> str:
        """The one that says more."""
        return self.detail or self.reason


class CommitStatusUnknown(DatabaseUnavailable):
    """The connection was lost during COMMIT and the database could not be asked afterwards what became of it."""
