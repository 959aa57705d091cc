"""Bearer tokens: JSON Web Tokens (RFC 7519), signed with RS256 (RFC 7515), issued and verified."""

import re
import time
from collections.abc import Callable, Iterable
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from app.domain.access import Caller
from app.domain.errors import InvalidToken
from app.identity import claims
from app.identity.jwks import ALGORITHM
from app.identity.key_sets import KeySet
from app.identity.signing_keys import SigningKey
from app.identity.token_cache import TokenCache
from app.settings import Settings

LONGEST = 8 * 1024
"""Characters that a token may have."""

REMEMBERED_FOR = 60.0
"""Seconds after which even a good token is verified again, so that a key that was withdrawn is noticed."""

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_JWS = jwt.PyJWS(algorithms=[ALGORITHM])


def issue(
    key: SigningKey,
    settings: Settings,
    *,
    employee_id: UUID,
    organization_id: UUID,
    roles: Iterable[str],
    permissions: Iterable[str],
    name: str | None = None,
    email: str | None = None,
    organization_name: str | None = None,
    lifetime: int | None = None,
    clock: Callable[[], float] = time.time,
) -> str:
    """A signed token that says who asks and what they may do; what is None or empty is left out.

    key: signs. settings: issuer, audience and, where `lifetime` (seconds, may be negative) is not given, lifetime.
    """
    issued_at = int(clock())
    optional = {"name": name, "email": email, "organizationName": organization_name}
    said = {
        "sub": str(employee_id),
        "organizationId": str(organization_id),
        **{claim: value for claim, value in optional.items() if value},
        "roles": list(roles),
        "permissions": list(permissions),
        "iat": issued_at,
        "exp": issued_at + (settings.token_lifetime if lifetime is None else lifetime),
        "iss": settings.jwt_issuer,
        "aud": settings.jwt_audience,
    }
    return jwt.encode(said, key.private, algorithm=ALGORITHM, headers={"kid": key.kid})


class Verifier:
    """Tells from a token who asks."""

    def __init__(self, keys: KeySet, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        """keys: whose signatures are believed. settings: issuer, audience and leeway. clock: seconds since 1970."""
        self._keys = keys
        self._issuer = settings.jwt_issuer
        self._audience = settings.jwt_audience
        self._leeway = settings.jwt_leeway
        self._clock = clock
        self._remembered = TokenCache()

    async def verify(self, token: str) -> Caller:
        """The caller that the token speaks for.

        Raises InvalidToken; TokenExpired where expiry comes first among the faults of a token with a good signature;
        KeyServerUnavailable. Nothing else, whatever the text.
        """
        if len(token) > LONGEST or not token.isascii():
            raise InvalidToken("no token")
        generation = self._keys.generation
        remembered = self._remembered.get(token, generation, self._clock())
        if remembered is not None:
            return remembered
        said = claims.decoded(_signed_payload(token, await self._keys.key(_key_id(token))))
        now = self._clock()
        expires_at = claims.expiry(said, now - self._leeway)
        caller = claims.caller(said, issuer=self._issuer, audience=self._audience, now=now + self._leeway)
        until = min(expires_at + self._leeway, now + REMEMBERED_FOR)
        self._remembered.put(token, generation, until, caller)
        return caller


def _key_id(token: str) -> str:
    """The name of the key that the token claims to be signed with.

    A token never brings its own key: `jwk`, `jku`, `x5c` and `x5u` (RFC 7515 §4.1) are not looked at. No extension is
    understood, so that one declared critical is refused (§4.1.11).
    """
    if not _COMPACT.fullmatch(token):
        raise InvalidToken("not three segments in base64url")
    try:
        header = _JWS.get_unverified_header(f"{token.partition('.')[0]}..")  # the rest costs time and tells no more
    except Exception as error:  # whatever a library makes of a stranger's bytes, the token is not valid
        raise InvalidToken("header unreadable") from error
    if header.get("alg") != ALGORITHM or "crit" in header:
        raise InvalidToken("another algorithm, or extensions")
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise InvalidToken("no key named")
    return kid


def _signed_payload(token: str, key: RSAPublicKey) -> bytes:
    """The token's payload, its signature found good."""
    try:
        payload: bytes = _JWS.decode(token, key, algorithms=[ALGORITHM])
    except Exception as error:  # as above
        raise InvalidToken("signature not good") from error
    return payload
