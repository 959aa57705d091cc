"""Decide whether to send a request again: after the pause of `Retry-After`, or after another login."""

import asyncio
from collections.abc import Collection

from statuspin.http.client import Resends
from statuspin.http.credentials import Credentials
from statuspin.http.exchange import Exchange
from statuspin.http.patience import MOST_PAUSES, retry_pause
from statuspin.verify.actors import Actors


class Resending:
    """Decide which requests to one server are sent again, and count them."""

    def __init__(self, actors: Actors, resends: Resends) -> None:
        """actors: the actors whose logins are renewed. resends: counts the requests that are sent again."""
        self._actors, self._resends = actors, resends
        self._failed_renewals: set[tuple[str, str]] = set()

    async def should_resend(
        self, exchange: Exchange, actor: str, used: Credentials, expected: Collection[int], attempt: int
    ) -> bool:
        """Wait for the pause or for another login, if the response asks for one. Return whether to send it again.

        used: the credentials of the request. expected: the promised statuses; they never cause another request.
        attempt: how often the request was already sent again.
        """
        answer = exchange.answer
        if answer is None or answer.status in expected:
            return False
        if answer.status == 401:
            return await self._renew_login(exchange, actor, used, attempt)
        pause = retry_pause(answer)
        if pause is None or attempt >= MOST_PAUSES:
            return False
        await asyncio.sleep(pause)
        self._resends.limited += 1
        return True

    async def _renew_login(self, exchange: Exchange, actor: str, used: Credentials, attempt: int) -> bool:
        """Return whether a new login worked. If a 401 persists after one, do not log in again for the operation."""
        key = (actor, exchange.operation)
        if not used.renewable or key in self._failed_renewals:
            return False
        if attempt:
            self._failed_renewals.add(key)
            return False
        if not await self._actors.renew(actor, used):
            return False
        self._resends.renewed += 1
        return True
