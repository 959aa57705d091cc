"""A cache of verified tokens, so that a token is not verified again for every request."""

import hashlib
from collections import OrderedDict

from app.domain.access import Caller

MAX_TOKENS = 4096
"""Tokens in the cache. Beyond this limit, the least recently used token is removed."""


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
