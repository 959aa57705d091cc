"""The keys of an outer issuer, fetched from its JWKS address (RFC 7517) and kept.

A key that is known is never waited for: keys past their age are fetched anew in the background, and go on serving
where that fails. Only a token that names an unknown key waits for a fetch.
"""

import asyncio
import json
import time
from collections.abc import Callable

import httpx2
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from app.domain.errors import InvalidToken, KeyServerUnavailable
from app.identity.jwks import usable_keys

log = structlog.get_logger(__name__)

UNKNOWN_KEY_PAUSE = 60.0
"""Seconds between two fetches for unknown keys, so that forged tokens cannot make us flood the key server."""

COLD_PAUSE = 1.0
"""The same while there is no key at all and nothing can be verified."""

MOST_BYTES = 256 * 1024
"""Bytes that an answer may have."""


class RubbishAnswer(ValueError):
    """The key server answered something that is no set of usable keys."""


class RemoteKeySet:
    """The public keys of an outer issuer. Belongs to the event loop that first asks it for a key."""

    def __init__(
        self, url: str, *, timeout: float, max_age: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """url: the JWKS. timeout: seconds for a whole fetch. max_age: seconds after which keys are fetched again.

        Nothing is fetched, and no client made, before a key is asked for. Raises httpx2.InvalidURL.
        """
        self._url = httpx2.URL(url)
        self._timeout = timeout
        self._max_age = max_age
        self._clock = clock
        self._keys: dict[str, RSAPublicKey] = {}
        self._tried_at = float("-inf")
        self._reachable = False
        self._client: httpx2.AsyncClient | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self.generation = 0

    async def key(self, kid: str) -> RSAPublicKey:
        """The key that a token names.

        Raises InvalidToken where the issuer has none of that name, KeyServerUnavailable where it could not be asked.
        """
        known = self._keys.get(kid)
        if known is not None:
            self._refresh_after(self._max_age)
            return known
        running = self._refresh_after(UNKNOWN_KEY_PAUSE if self._keys else COLD_PAUSE)
        if running is not None:
            await asyncio.wait([running])  # unlike `await running`, leaves it alone when this waiter is cancelled
        found = self._keys.get(kid)
        if found is not None:
            return found
        if self._reachable:
            raise InvalidToken("unknown key")
        raise KeyServerUnavailable

    async def check(self) -> None:
        """Raise KeyServerUnavailable where no key is known, and none could be fetched."""
        running = None if self._keys else self._refresh_after(COLD_PAUSE)
        if running is not None:
            await asyncio.wait([running])
        if not self._keys:
            raise KeyServerUnavailable

    async def aclose(self) -> None:
        """Stop a fetch that runs, and close the client."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])
        if self._client is not None:
            await self._client.aclose()

    def _refresh_after(self, pause: float) -> asyncio.Task[None] | None:
        """The fetch that runs, or a new one where the last ended `pause` seconds ago, or None."""
        if self._refreshing is not None and not self._refreshing.done():
            return self._refreshing
        if self._clock() - self._tried_at < pause:
            return None
        self._refreshing = asyncio.create_task(self._refresh(), name="fetch of the key set")
        return self._refreshing

    async def _refresh(self) -> None:
        try:
            keys = await self._fetch()
        except Exception as error:  # noqa: BLE001 - whatever goes wrong with a key server, it is out of reach
            self._reachable = False
            # Only our own words: a client's may hold the address, and with it a password.
            reason = str(error) if isinstance(error, RubbishAnswer) else type(error).__name__
            log.warning("key_server_unavailable", host=self._url.host, reason=reason, keys_kept=len(self._keys))
        else:
            self._reachable = True
            self._keep(keys)
        finally:
            self._tried_at = self._clock()

    def _keep(self, keys: dict[str, RSAPublicKey]) -> None:
        if keys != self._keys:
            self._keys = keys
            self.generation += 1

    async def _fetch(self) -> dict[str, RSAPublicKey]:
        """Raises RubbishAnswer, TimeoutError, and whatever httpx2 and json raise."""
        if self._client is None:
            self._client = httpx2.AsyncClient(timeout=self._timeout, follow_redirects=False)
        # httpx2 times each read, and a server that sends a byte a second satisfies every one of them.
        async with asyncio.timeout(self._timeout):
            body = await self._body(self._client)
        keys = usable_keys(json.loads(body))
        if not keys:
            raise RubbishAnswer("no usable key in the answer")
        return keys

    async def _body(self, client: httpx2.AsyncClient) -> bytes:
        body = bytearray()
        # Uncompressed, because a small compressed answer can be a large one.
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        async with client.stream("GET", self._url, headers=headers) as response:
            if response.status_code != httpx2.codes.OK:
                raise RubbishAnswer(f"answered {response.status_code}")
            async for part in response.aiter_raw():
                body += part
                if len(body) > MOST_BYTES:
                    raise RubbishAnswer(f"answered more than {MOST_BYTES} bytes")
        return bytes(body)
