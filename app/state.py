"""The services that endpoints use. `application.py` creates them once and passes them on."""

from collections.abc import Callable
from dataclasses import dataclass

from app.context.source import ContextSource
from app.database.database import Database
from app.database.replica import Replica
from app.identity.key_sets import KeySet, LocalKeySet
from app.identity.login_limit import LoginLimit
from app.identity.tokens import TokenVerifier
from app.interviewer.health import InterviewerHealth
from app.interviewer.library import GuideLibrary
from app.interviewer.protocol import Interviewer
from app.outcome.extracted import ExtractedOutcomes
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class LocalIssuer:
    """The local issuer of tokens, which is used if no external issuer is set."""

    keys: LocalKeySet
    login_limit: LoginLimit


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one application.

    replica: None if all reads use the primary database. issuer: None if an external issuer creates the tokens.
    context: None if nothing is known of the organizations.
    guides: the guides that interviews can follow.
    outcomes: None if the interviewer cannot extract outcomes.
    interviewer_health: None if the interviewer is part of the service and cannot fail.
    """

    settings: Settings
    database: Database
    replica: Replica | None
    keys: KeySet
    verifier: TokenVerifier
    context: ContextSource | None
    guides: GuideLibrary
    interviewer: Interviewer
    interviewer_health: InterviewerHealth | None
    outcomes: ExtractedOutcomes | None
    issuer: LocalIssuer | None
    expected_migrations: Callable[[], list[str]]
