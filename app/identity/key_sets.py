"""Where the keys come from that verify tokens: the protocol, and the set of the local issuer's own keys."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from app.domain.errors import InvalidToken
from app.identity.jwks import document
from app.identity.signing_keys import Fingerprint, KeysUnusable, SigningKey, fingerprint, read_or_make

log = structlog.get_logger(__name__)

LOOK_AGAIN_AFTER = 3.0
"""Seconds between two looks at the folder of keys, however many tokens name a key that is not there."""


class KeySet(Protocol):
    """Public keys by their kid."""

    @property
    def generation(self) -> int:
        """Another number whenever the keys have changed: what was concluded from the old ones holds no longer."""
        ...

    async def key(self, kid: str) -> RSAPublicKey:
        """The key that a token names.

        Raises InvalidToken where there is none of that name, KeyServerUnavailable where nobody knows.
        """
        ...

    async def check(self) -> None:
        """Raise KeyServerUnavailable where no token could be verified now."""
        ...

    async def aclose(self) -> None:
        """Give back what the set holds open."""
        ...


class LocalKeySet:
    """The keys of a folder, with which this service signs itself. It notices while it runs that keys come and go."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """folder: see `signing_keys`; the first key is made where it has none. Raises KeysUnusable."""
        self._folder = folder
        self._clock = clock
        self._reading = threading.Lock()
        self._keys: tuple[SigningKey, ...] = ()
        self.generation = 0
        self._load(fingerprint(folder))
        self._looked_at = clock()

    async def key(self, kid: str) -> RSAPublicKey:
        """The key that a token names. Raises InvalidToken where the folder has none."""
        await self._look_again()
        found = self._public.get(kid)
        if found is None:
            raise InvalidToken("unknown key")
        return found

    async def signing_key(self) -> SigningKey:
        """The key that signs: the one of the highest number."""
        await self._look_again()
        return self._keys[-1]

    async def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public keys as a JWK Set (RFC 7517 §5), for whoever else verifies our tokens."""
        await self._look_again()
        return document(self._public.values())

    async def check(self) -> None:
        """The keys are in memory: any token can be verified."""

    async def aclose(self) -> None:
        """Nothing is held open."""

    async def _look_again(self) -> None:
        # In a thread, because the folder may be shared between machines and its file server slow.
        if self._clock() - self._looked_at >= LOOK_AGAIN_AFTER:
            await asyncio.to_thread(self._read)

    def _read(self) -> None:
        """Read the folder where it has changed. Where that fails, the known keys go on serving."""
        with self._reading:
            if self._clock() - self._looked_at < LOOK_AGAIN_AFTER:
                return
            try:
                seen = fingerprint(self._folder)
                if seen != self._seen:
                    self._load(seen)
            except KeysUnusable as error:
                log.warning("signing_keys_unusable", reason=str(error))
            self._looked_at = self._clock()

    def _load(self, seen: Fingerprint) -> None:
        """seen: the folder's fingerprint from before it is read, so that a change meanwhile is noticed next time."""
        keys = read_or_make(self._folder)
        self._seen = seen
        if keys == self._keys:
            return
        self._keys = keys
        self._public = {key.kid: key.public for key in keys}
        self.generation += 1
