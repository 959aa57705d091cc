"""Bearer tokens by PyJWT, verified for each request as in its documentation."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from app.identity.signing_keys import load_or_create_keys

_NAME = "interview-system"
"""Issuer and audience."""


class InvalidToken(Exception):
    """The token is invalid."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of a verified token."""

    employee_id: UUID
    organization_id: UUID
    name: str
    organization_name: str
    roles: list[str]
    permissions: frozenset[str]


class Tokens:
    """The public keys of a folder."""

    def __init__(self, folder: Path) -> None:
        self._keys: dict[str, RSAPublicKey] = {key.kid: key.private.public_key() for key in load_or_create_keys(folder)}

    def verify(self, token: str) -> Caller:
        """Verify a token and return its caller. Raises InvalidToken."""
        try:
            key = self._keys[jwt.get_unverified_header(token)["kid"]]
            claims = jwt.decode(
                token, key, algorithms=["RS256"], audience=_NAME, issuer=_NAME, options={"require": ["exp", "sub"]}
            )
            return Caller(
                employee_id=UUID(claims["sub"]),
                organization_id=UUID(claims["organizationId"]),
                name=claims["name"],
                organization_name=claims["organizationName"],
                roles=claims["roles"],
                permissions=frozenset(claims["permissions"]),
            )
        except (jwt.PyJWTError, KeyError, ValueError) as error:
            raise InvalidToken from error
