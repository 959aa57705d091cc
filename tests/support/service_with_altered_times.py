"""A service in which all interviews start at one instant and stored results are as old as their key says.

A result under the key `stored-N-hours-ago-…` is stored N hours in the past. Start it like `python -m app serve`.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from app.application import create_configured_app
from app.use_cases import idempotency, start_interview
from tests.support.serving import serve

_INSTANT = datetime(2001, 1, 1, tzinfo=UTC)
_KEY = re.compile(r"stored-(\d+)-hours-ago-")


class StoppedClock(datetime):
    """A `datetime` whose `now` is always the same instant."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        """Return the instant. tz: ignored."""
        return _INSTANT


class BackdatedClaim:
    """The statement that stores a result, with an earlier time if the key asks for one."""

    first_claim = staticmethod(idempotency.CLAIM.first)

    async def first(self, **values: Any) -> Any:
        """Store the result. Return the new row, or None if the key is taken."""
        match = _KEY.match(values["key"])
        if match:
            values["now"] -= timedelta(hours=int(match[1]))
        return await self.first_claim(**values)


if __name__ == "__main__":
    start_interview.datetime = StoppedClock  # type: ignore[misc]
    idempotency.CLAIM = BackdatedClaim()  # type: ignore[assignment]
    serve(create_configured_app)
