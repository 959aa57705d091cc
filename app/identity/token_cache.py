"""Callers whose tokens were verified a moment ago, so that a busy client's token is not verified for every request."""

import hashlib
from collections import OrderedDict

from app.domain.access import Caller

MOST_TOKENS = 4096
"""Tokens remembered at the most; the one that was not used for longest goes first."""


class TokenCache:
    """Verified tokens and their callers. Keeps a digest of each token, never the token itself."""

    def __init__(self, most: int = MOST_TOKENS) -> None:
        """most: how many at the most."""
        self._most = most
        self._generation = 0
        self._callers: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._callers)

    def get(self, token: str, generation: int, now: float) -> Caller | None:
        """The caller of a token that is remembered beyond `now`, or None.

        generation: of the key set; another one than last time means that every token has to be verified again.
        """
        if generation != self._generation:
            self._callers.clear()
            self._generation = generation
        digest = _digest(token)
        found = self._callers.get(digest)
        if found is None:
            return None
        until, caller = found
        if now >= until:
            del self._callers[digest]
            return None
        self._callers.move_to_end(digest)
        return caller

    def put(self, token: str, generation: int, until: float, caller: Caller) -> None:
        """Remember a token until then. generation: the key set's from before the token's key was asked for."""
        if generation != self._generation:
            return
        self._callers[_digest(token)] = (until, caller)
        if len(self._callers) > self._most:
            self._callers.popitem(last=False)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
