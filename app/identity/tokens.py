"""Verify bearer tokens: JSON Web Tokens (RFC 7519) with a signature (RFC 7515)."""

import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable

import jwt

from app.domain.access import Caller
from app.domain.errors import InvalidToken
from app.identity import claims
from app.identity.jwks import ALGORITHM, SUPPORTED_ALGORITHMS, PublicKey, key_algorithm
from app.identity.key_sets import KeySet
from app.settings import Settings

MAX_TOKEN_LENGTH = 8 * 1024
"""Characters."""

MAX_TOKENS = 4096
"""Tokens in the cache. Beyond this limit, the least recently used token is removed."""

CACHE_DURATION = 60.0
"""Seconds after which a token is verified again, so that a removed key stops working."""

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_JWS = jwt.PyJWS(algorithms=SUPPORTED_ALGORITHMS)


class TokenClock:
    """Seconds since 1970 that do not go back if the system clock does.

    The time is the later of the wall clock and the wall clock at the start plus the time elapsed since. So a clock that
    is set back neither revives an expired token nor rejects a new one as not valid yet, and a clock that was wrongly
    ahead does no harm after it is corrected.
    """

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        """wall: seconds since 1970. monotonic: seconds since any moment."""
        self._wall = wall
        self._monotonic = monotonic
        self._offset = wall() - monotonic()

    def __call__(self) -> float:
        """Return the time in seconds since 1970."""
        return max(self._wall(), self._offset + self._monotonic())


token_time = TokenClock()
"""The clock of this process. One clock, so that a token that it issues is valid immediately."""


class TokenCache:
    """The callers of verified tokens. Stores a digest of each token, never the token."""

    def __init__(self, max_size: int = MAX_TOKENS) -> None:
        """max_size: in tokens."""
        self._max_size = max_size
        self._generation = 0
        self._callers: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._callers)

    def get(self, token: str, generation: int, now: float) -> Caller | None:
        """Return the caller of a cached token, or None.

        generation: of the key set. A new generation clears the cache. now: seconds since 1970.
        """
        if generation != self._generation:
            self._callers.clear()
            self._generation = generation
        digest = _digest(token)
        entry = self._callers.get(digest)
        if entry is None:
            return None
        expires_at, caller = entry
        if now >= expires_at:
            del self._callers[digest]
            return None
        self._callers.move_to_end(digest)
        return caller

    def put(self, token: str, generation: int, expires_at: float, caller: Caller) -> None:
        """Store the caller of a token.

        generation: of the key set before the key of the token was looked up. expires_at: seconds since 1970.
        """
        if generation != self._generation:
            return
        self._callers[_digest(token)] = (expires_at, caller)
        if len(self._callers) > self._max_size:
            self._callers.popitem(last=False)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


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
