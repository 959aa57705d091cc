"""Issue bearer tokens: JSON Web Tokens (RFC 7519) with a signature (RFC 7515)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

import jwt

from app.identity.jwks import ALGORITHM
from app.identity.signing_keys import SigningKey
from app.identity.tokens import token_time
from app.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSubject:
    """The employee that a token identifies, with the roles and permissions that it grants.

    The token has no claim for an optional field that is None or empty.
    """

    employee_id: UUID
    organization_id: UUID
    roles: Collection[str]
    permissions: Collection[str]
    name: str | None = None
    email: str | None = None
    organization_name: str | None = None


def issue_token(
    subject: TokenSubject,
    key: SigningKey,
    settings: Settings,
    *,
    lifetime: int | None = None,
    clock: Callable[[], float] = token_time,
) -> str:
    """Return a signed token.

    settings: issuer and audience, and the lifetime unless `lifetime` is given. lifetime: seconds; an expired token
    has a negative one. clock: seconds since 1970.
    """
    issued_at = int(clock())
    optional = {"name": subject.name, "email": subject.email, "organizationName": subject.organization_name}
    payload = {
        "sub": str(subject.employee_id),
        "organizationId": str(subject.organization_id),
        **{claim: value for claim, value in optional.items() if value},
        "roles": list(subject.roles),
        "permissions": list(subject.permissions),
        "iat": issued_at,
        "exp": issued_at + (settings.token_lifetime if lifetime is None else lifetime),
        "iss": settings.jwt_issuer,
        "aud": settings.jwt_audience,
    }
    return jwt.encode(payload, key.private, algorithm=ALGORITHM, headers={"kid": key.kid})
