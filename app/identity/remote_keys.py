"""The public keys of an external issuer, fetched from its JWKS URL (RFC 7517) and cached.

Only a token with an unknown key waits for a fetch. Cached keys that are too old are fetched again in the background,
and stay in use if that fails.
"""

import asyncio
import time
from collections.abc import Callable

import httpx2
import structlog

from app.domain.errors import InvalidToken, KeyServerUnavailable
from app.identity.jwks import PublicKey, parse_jwks
from app.identity.remote_json import InvalidResponse, fetch_json

log = structlog.get_logger(__name__)

UNKNOWN_KEY_INTERVAL = 60.0
"""Minimum seconds between two fetches for unknown keys, so that forged tokens cannot flood the key server."""

EMPTY_INTERVAL = 1.0
"""Minimum seconds between two fetches while no key is cached and no token can be verified."""

MAX_RESPONSE_SIZE = 256 * 1024
"""Bytes."""


class InvalidKeySet(InvalidResponse):
    """The response of the key server has no usable keys."""


class RemoteKeySet:
    """The public keys of an external issuer. An instance belongs to the event loop that first uses it."""

    def __init__(
        self, url: str, *, timeout: float, max_age: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """url: of the JWK Set. timeout: seconds for one fetch. max_age: seconds after which keys are fetched again.

        The first fetch happens on the first use. Raises httpx2.InvalidURL.
        """
        self._url = httpx2.URL(url)
        self._timeout = timeout
        self._max_age = max_age
        self._clock = clock
        self._keys: dict[str, PublicKey] = {}
        self._fetched_at = float("-inf")
        self._fetch_succeeded = False
        self._client: httpx2.AsyncClient | None = None
        self._refresh_task: asyncio.Task[None] | None = None
        self.generation = 0

    async def find_key(self, kid: str) -> PublicKey:
        """Return the key with this id.

        Raises InvalidToken if the issuer has no such key, and KeyServerUnavailable if the last fetch failed.
        """
        key = self._keys.get(kid)
        if key is not None:
            self._refresh_after(self._max_age)
            return key
        task = self._refresh_after(UNKNOWN_KEY_INTERVAL if self._keys else EMPTY_INTERVAL)
        if task is not None:
            await asyncio.wait([task])  # Unlike `await task`, a cancelled waiter does not cancel the shared task.
        key = self._keys.get(kid)
        if key is not None:
            return key
        if self._fetch_succeeded:
            raise InvalidToken("unknown key")
        raise KeyServerUnavailable

    async def check(self) -> None:
        """Raise KeyServerUnavailable if no key is cached and none can be fetched."""
        task = None if self._keys else self._refresh_after(EMPTY_INTERVAL)
        if task is not None:
            await asyncio.wait([task])
        if not self._keys:
            raise KeyServerUnavailable

    async def aclose(self) -> None:
        """Cancel a running fetch and close the HTTP client."""
        if self._refresh_task is not None:
            self._refresh_task.cancel()
            await asyncio.wait([self._refresh_task])
        if self._client is not None:
            await self._client.aclose()

    def _refresh_after(self, interval: float) -> asyncio.Task[None] | None:
        """Return the running fetch, or a new one if the last ended at least `interval` seconds ago, otherwise None."""
        if self._refresh_task is not None and not self._refresh_task.done():
            return self._refresh_task
        if self._clock() - self._fetched_at < interval:
            return None
        self._refresh_task = asyncio.create_task(self._refresh(), name="refresh of the key set")
        return self._refresh_task

    async def _refresh(self) -> None:
        try:
            keys = await self._fetch()
        except Exception as error:  # noqa: BLE001 - every error means that the keys are not available
            self._fetch_succeeded = False
            # The message of another error may contain the URL, and a URL may contain a password.
            reason = str(error) if isinstance(error, InvalidResponse) else type(error).__name__
            log.warning("key_server_unavailable", host=self._url.host, reason=reason, cached_keys=len(self._keys))
        else:
            self._fetch_succeeded = True
            self._replace_keys(keys)
        finally:
            self._fetched_at = self._clock()

    def _replace_keys(self, keys: dict[str, PublicKey]) -> None:
        if keys != self._keys:
            self._keys = keys
            self.generation += 1

    async def _fetch(self) -> dict[str, PublicKey]:
        """Return the usable keys. Raises InvalidKeySet and the errors of `fetch_json`."""
        if self._client is None:
            self._client = httpx2.AsyncClient(timeout=self._timeout, follow_redirects=False)
        body = await fetch_json(self._client, self._url, timeout=self._timeout, max_size=MAX_RESPONSE_SIZE)
        keys = parse_jwks(body)
        if not keys:
            raise InvalidKeySet("no usable key in the response")
        return keys
