"""Issue and verify bearer tokens: JSON Web Tokens (RFC 7519) with a signature (RFC 7515)."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

import jwt

from app.domain.access import Caller
from app.domain.errors import InvalidToken
from app.identity import claims
from app.identity.clock import token_time
from app.identity.jwks import ALGORITHM, SUPPORTED_ALGORITHMS, PublicKey, key_algorithm
from app.identity.key_sets import KeySet
from app.identity.signing_keys import SigningKey
from app.identity.token_cache import TokenCache
from app.settings import Settings

MAX_TOKEN_LENGTH = 8 * 1024
"""Characters."""

CACHE_DURATION = 60.0
"""Seconds after which a token is verified again, so that a removed key stops working."""

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_JWS = jwt.PyJWS(algorithms=SUPPORTED_ALGORITHMS)


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


class TokenVerifier:
    """Verifies tokens and caches the result."""

    def __init__(self, keys: KeySet, settings: Settings, clock: Callable[[], float] = token_time) -> None:
        """keys: that sign valid tokens. settings: issuer, audience and leeway. clock: seconds since 1970."""
        self._keys = keys
        self._issuer = settings.jwt_issuer
        self._audience = settings.jwt_audience
        self._leeway = settings.jwt_leeway
        self._algorithms = settings.jwt_algorithms if settings.jwt_jwks_url else (ALGORITHM,)
        self._clock = clock
        self._cache = TokenCache()

    async def verify(self, token: str) -> Caller:
        """Verify a token and return the caller that it identifies.

        Checks the form, key, signature, expiry and other claims, in this order. Raises InvalidToken, TokenExpired and
        KeyServerUnavailable, and nothing else for any text.
        """
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            raise InvalidToken("too long, or not ASCII")
        generation = self._keys.generation
        cached = self._cache.get(token, generation, self._clock())
        if cached is not None:
            return cached
        algorithm, key_id = self._read_header(token)
        key = await self._keys.find_key(key_id)
        if key_algorithm(key) != algorithm:
            raise InvalidToken("the key is of another algorithm")
        payload = claims.decode_claims(_verify_signature(token, key, algorithm))
        now = self._clock()
        expires_at = claims.check_expiry(payload, now - self._leeway)
        caller = claims.create_caller(payload, issuer=self._issuer, audience=self._audience, now=now + self._leeway)
        cached_until = min(expires_at + self._leeway, now + CACHE_DURATION)
        self._cache.put(token, generation, cached_until, caller)
        return caller

    def _read_header(self, token: str) -> tuple[str, str]:
        """Return the algorithm and the key id in the header of a token. Raises InvalidToken.

        The algorithm must be one of the accepted ones (RFC 8725, section 3.1). The fields that contain or locate a key
        are ignored: `jwk`, `jku`, `x5c` and `x5u` (RFC 7515, section 4.1). Critical extensions are rejected because
        none is supported (section 4.1.11).
        """
        if not _COMPACT.fullmatch(token):
            raise InvalidToken("not three base64url segments")
        try:
            header = _JWS.get_unverified_header(f"{token.partition('.')[0]}..")  # Decoding the rest would cost time.
        except Exception as error:  # A library may raise anything for arbitrary bytes.
            raise InvalidToken("malformed header") from error
        algorithm, key_id = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in self._algorithms or "crit" in header:
            raise InvalidToken("unsupported algorithm or extension")
        if not isinstance(key_id, str):
            raise InvalidToken("no key id")
        return algorithm, key_id


def _verify_signature(token: str, key: PublicKey, algorithm: str) -> bytes:
    """Verify the signature of a token and return its payload. Raises InvalidToken."""
    try:
        payload: bytes = _JWS.decode(token, key, algorithms=[algorithm])
    except Exception as error:  # A library may raise anything for arbitrary bytes.
        raise InvalidToken("invalid signature") from error
    return payload
