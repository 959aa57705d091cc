"""What endpoints work with: made once by the composition root, handed down, never looked up elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass

from app.database.database import Database
from app.identity.key_sets import KeySet, LocalKeySet
from app.identity.login_limit import LoginLimit
from app.identity.tokens import Verifier
from app.interviewer.protocol import Interviewer
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class LocalIssuer:
    """Our own issuer of tokens, where no outer one is set: its keys, and the limit on logins."""

    keys: LocalKeySet
    login_limit: LoginLimit


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of one application. `issuer` is None where tokens come from an outer issuer."""

    settings: Settings
    database: Database
    keys: KeySet
    verifier: Verifier
    interviewer: Interviewer
    issuer: LocalIssuer | None
    expected_migrations: Callable[[], list[str]]
