"""The time by which tokens are issued and verified."""

import time
from collections.abc import Callable


class TokenClock:
    """Seconds since 1970 that do not go back if the system clock does.

    The time is the later of the wall clock and the wall clock at the start plus the time elapsed since. So a clock that
    is set back neither revives an expired token nor rejects a new one as not valid yet, and a clock that was wrongly
    ahead does no harm after it is corrected.
    """

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        """wall: seconds since 1970. monotonic: seconds since any moment."""
        self._wall = wall
        self._monotonic = monotonic
        self._offset = wall() - monotonic()

    def __call__(self) -> float:
        """Return the time in seconds since 1970."""
        return max(self._wall(), self._offset + self._monotonic())


token_time = TokenClock()
"""The clock of this process. One clock, so that a token that it issues is valid at once."""
