"""Whether a request is sent again because of its answer: after `Retry-After`, or after another login."""

import asyncio
from collections.abc import Collection

from statuspin.http.client import Resends
from statuspin.http.credentials import Credentials
from statuspin.http.exchange import Exchange
from statuspin.http.patience import MOST_PAUSES, retry_pause
from statuspin.verify.actors import Actors


class Resending:
    """Decides for the requests of one server, and counts."""

    def __init__(self, actors: Actors, resends: Resends) -> None:
        """actors: whose logins are renewed. resends: where requests that are sent again are counted."""
        self._actors, self._resends = actors, resends
        self._futile: set[tuple[str, str]] = set()

    async def wants_another(
        self, exchange: Exchange, actor: str, used: Credentials, expected: Collection[int], attempt: int
    ) -> bool:
        """Return whether to send the request again, once a pause or another login is over.

        used: what the request was sent with. expected: the statuses that are promised; they are never a reason.
        attempt: how often it was sent again for its answer.
        """
        answer = exchange.answer
        if answer is None or answer.status in expected:
            return False
        if answer.status == 401:
            return await self._renewed(exchange, actor, used, attempt)
        pause = retry_pause(answer)
        if pause is None or attempt >= MOST_PAUSES:
            return False
        await asyncio.sleep(pause)
        self._resends.limited += 1
        return True

    async def _renewed(self, exchange: Exchange, actor: str, used: Credentials, attempt: int) -> bool:
        """A 401 that another login did not help is the operation's own answer; it is not tried a second time."""
        key = (actor, exchange.operation)
        if not used.renewable or key in self._futile:
            return False
        if attempt:
            self._futile.add(key)
            return False
        if not await self._actors.renew(actor, used):
            return False
        self._resends.renewed += 1
        return True
