"""Sets of the public keys that verify tokens: the protocol, and the set of the local issuer."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import structlog

from app.domain.errors import InvalidToken
from app.identity.jwks import PublicKey, encode_jwks
from app.identity.signing_keys import Fingerprint, SigningKey, SigningKeyError, fingerprint, load_or_create_keys

log = structlog.get_logger(__name__)

RELOAD_INTERVAL = 3.0
"""Seconds between two checks of the key folder, even if many tokens name an unknown key."""


class KeySet(Protocol):
    """Public keys by key id."""

    @property
    def generation(self) -> int:
        """A number that changes with the keys. Tokens verified with an earlier generation must be verified again."""
        ...

    async def find_key(self, kid: str) -> PublicKey:
        """Return the key with this id.

        Raises InvalidToken if there is no such key, and KeyServerUnavailable if the keys cannot be fetched.
        """
        ...

    async def check(self) -> None:
        """Raise KeyServerUnavailable if tokens cannot be verified now."""
        ...

    async def aclose(self) -> None:
        """Release the resources of the set."""
        ...


class LocalKeySet:
    """The keys in a folder, which the local issuer signs with. Changes of the folder are noticed while it runs."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """folder: see `signing_keys`. A first key is created if it has none. Raises SigningKeyError."""
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: tuple[SigningKey, ...] = ()
        self.generation = 0
        self._load(fingerprint(folder))
        self._checked_at = clock()

    async def find_key(self, kid: str) -> PublicKey:
        """Return the key with this id. Raises InvalidToken if there is no such key."""
        await self._reload_if_due()
        key = self._public.get(kid)
        if key is None:
            raise InvalidToken("unknown key")
        return key

    async def signing_key(self) -> SigningKey:
        """Return the key that signs new tokens: the one with the highest number."""
        await self._reload_if_due()
        return self._keys[-1]

    async def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the public keys as a JWK Set (RFC 7517, section 5)."""
        await self._reload_if_due()
        return encode_jwks(self._public.values())

    async def check(self) -> None:
        """Do nothing: the keys are in memory."""

    async def aclose(self) -> None:
        """Do nothing: the set has no resources to release."""

    async def _reload_if_due(self) -> None:
        # In a thread, because the folder may be on a slow file server.
        if self._clock() - self._checked_at >= RELOAD_INTERVAL:
            await asyncio.to_thread(self._reload)

    def _reload(self) -> None:
        """Load the keys again if the folder has changed. If that fails, the loaded keys stay in use."""
        with self._lock:
            if self._clock() - self._checked_at < RELOAD_INTERVAL:
                return
            try:
                current = fingerprint(self._folder)
                if current != self._fingerprint:
                    self._load(current)
            except SigningKeyError as error:
                log.warning("signing_keys_reload_failed", reason=str(error))
            self._checked_at = self._clock()

    def _load(self, current: Fingerprint) -> None:
        """current: the fingerprint before loading, so that the next check notices a change during loading."""
        keys = load_or_create_keys(self._folder)
        self._fingerprint = current
        if keys == self._keys:
            return
        self._keys = keys
        self._public = {key.kid: key.public for key in keys}
        self.generation += 1
