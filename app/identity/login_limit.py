"""The rate limit of logins per client address."""

import ipaddress
import time
from collections.abc import Callable

from piccolo_api.rate_limiting.middleware import InMemoryLimitProvider, RateLimitError

from app.domain.errors import TooManyAttempts
from app.settings import Settings


class LoginLimit:
    """Counts logins by address in this process, and blocks an address beyond the limit for the length of one window."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        """settings: attempts and window. clock: must be the clock of piccolo-api, which is time.time."""
        self._window = settings.login_window
        self._clock = clock
        self._provider = InMemoryLimitProvider(
            timespan=settings.login_window, limit=settings.login_attempts, block_duration=settings.login_window
        )

    def count(self, address: str) -> None:
        """Count one attempt. Raises TooManyAttempts if the address is blocked."""
        client = _client_key(address)
        window_start = self._provider.last_reset
        try:
            self._provider.increment(client)
        except RateLimitError:
            raise TooManyAttempts(self._retry_after(client)) from None
        if self._provider.last_reset != window_start:
            self._remove_expired_blocks()

    def _retry_after(self, client: str) -> int:
        remaining = self._provider.blocked[client] + self._window - self._clock()
        return max(1, int(remaining) + 1)  # Round up, because the block includes its last instant.

    def _remove_expired_blocks(self) -> None:
        """Free the memory of expired blocks. piccolo-api removes one only if its address tries again."""
        now = self._clock()
        blocked = self._provider.blocked
        self._provider.blocked = {client: at for client, at in blocked.items() if now - at < self._window}


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
