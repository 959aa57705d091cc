"""The rate limit of logins per client address."""

import ipaddress
import math
import time
from collections.abc import Callable

from app.domain.errors import TooManyAttempts
from app.settings import Settings


class LoginLimit:
    """Counts logins by address in this process, and blocks an address beyond the limit for the length of one window.

    It measures durations with the monotonic clock: with the wall clock, a clock that is set back would extend a block.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        """settings: attempts and window. clock: seconds since any moment."""
        self._limit = settings.login_attempts
        self._window = settings.login_window
        self._clock = clock
        self._window_end = clock() + self._window
        self._attempts: dict[str, int] = {}
        self._blocked_until: dict[str, float] = {}

    def count(self, address: str) -> None:
        """Count one attempt. Raises TooManyAttempts if the address is blocked."""
        now = self._clock()
        if now >= self._window_end:
            self._start_window(now)
        client = _client_key(address)
        if now < self._blocked_until.get(client, -math.inf):
            raise TooManyAttempts(math.ceil(self._blocked_until[client] - now))
        self._attempts[client] = self._attempts.get(client, 0) + 1
        if self._attempts[client] > self._limit:
            self._blocked_until[client] = now + self._window
            raise TooManyAttempts(self._window)

    def _start_window(self, now: float) -> None:
        """Forget the counts of the last window, and the blocks that have ended."""
        self._window_end = now + self._window
        self._attempts = {}
        self._blocked_until = {client: until for client, until in self._blocked_until.items() if now < until}


def _client_key(address: str) -> str:
    """Return the key that attempts are counted by: an IPv4 address, or the /64 network of an IPv6 address.

    A single IPv6 customer has at least a /64, which is 2⁶⁴ addresses (RFC 6177). IPv4-mapped addresses count as IPv4.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed), 64), strict=False))
