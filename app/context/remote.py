"""The source that is an HTTP endpoint. It gets the caller's token, and its answers are cached by organization.

A failed fetch is repeated after a few seconds. Until it succeeds, the last answer stays in use.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import httpx2
import structlog

from app.context.document import OrganizationContext
from app.context.known import recognize
from app.context.source import Known
from app.identity.remote_json import InvalidResponse, fetch_json

log = structlog.get_logger(__name__)

MAX_AGE = 300.0
"""Seconds for which an answer is used."""

RETRY_INTERVAL = 5.0
"""Seconds after a failed fetch, in which turns do not wait for another one."""

MAX_RESPONSE_SIZE = 1024 * 1024
"""Bytes."""

MAX_ORGANIZATIONS = 1000
"""The answers for the organizations that were asked about last are kept."""


@dataclass(slots=True)
class _Entry:
    """The cache of one organization. expires_at: when to fetch it again. task: the running fetch."""

    known: Known | None = None
    expires_at: float = float("-inf")
    task: asyncio.Task[None] | None = None


class RemoteContext:
    """The contexts at one URL. An instance belongs to the event loop that first uses it."""

    def __init__(self, url: str, *, timeout: float, clock: Callable[[], float] = time.monotonic) -> None:
        """timeout: seconds for one fetch. The first fetch happens on the first use."""
        self._url = httpx2.URL(url)
        self._timeout = timeout
        self._clock = clock
        self._entries: OrderedDict[UUID, _Entry] = OrderedDict()
        self._client: httpx2.AsyncClient | None = None

    async def find(self, organization_id: UUID, token: str) -> Known | None:
        """Return what is known of the organization, at most 5 minutes old, or None if the endpoint does not say it."""
        entry = self._entries.setdefault(organization_id, _Entry())
        self._entries.move_to_end(organization_id)
        while len(self._entries) > MAX_ORGANIZATIONS:
            self._entries.popitem(last=False)
        if entry.task is None and self._clock() >= entry.expires_at:
            entry.task = asyncio.create_task(self._refresh(entry, token), name="fetch of a context")
        if entry.task is not None:
            await asyncio.wait([entry.task])  # Unlike `await task`, a cancelled waiter does not cancel the shared task.
        return entry.known

    async def aclose(self) -> None:
        """Cancel running fetches and close the HTTP client."""
        tasks = [entry.task for entry in self._entries.values() if entry.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def _refresh(self, entry: _Entry, token: str) -> None:
        lifetime = RETRY_INTERVAL
        try:
            entry.known = recognize(await self._fetch(token))
            lifetime = MAX_AGE
        except Exception as error:  # noqa: BLE001 - no failure of the endpoint fails a turn
            # The message of another error may contain the URL, and a URL may contain a secret.
            reason = str(error) if isinstance(error, InvalidResponse) else type(error).__name__
            log.warning("context_unavailable", host=self._url.host, reason=reason, cached=entry.known is not None)
        finally:
            entry.expires_at = self._clock() + lifetime
            entry.task = None

    async def _fetch(self, token: str) -> OrganizationContext:
        """Return the context. Raises ValidationError and the errors of `fetch_json`."""
        if self._client is None:
            # A redirect would send the token to a server that the setting does not name. So would a proxy over HTTP.
            is_encrypted = self._url.scheme == "https"
            self._client = httpx2.AsyncClient(timeout=self._timeout, follow_redirects=False, trust_env=is_encrypted)
        headers = {"Authorization": f"Bearer {token}"}
        body = await fetch_json(
            self._client, self._url, timeout=self._timeout, max_size=MAX_RESPONSE_SIZE, headers=headers
        )
        if isinstance(body, dict) and isinstance(body.get("data"), dict):
            body = body["data"]  # Services of the same family put the context into an envelope.
        return OrganizationContext.model_validate(body)
