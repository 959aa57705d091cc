"""How often an address may try to log in."""

import ipaddress
import time
from collections.abc import Callable

from piccolo_api.rate_limiting.middleware import InMemoryLimitProvider, RateLimitError

from app.domain.errors import TooManyAttempts
from app.settings import Settings


class LoginLimit:
    """Counts logins by address, in this process; past the limit an address is shut out for the length of a window."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        """settings: attempts and window. clock: the one that piccolo-api measures by."""
        self._window = settings.login_window
        self._clock = clock
        self._provider = InMemoryLimitProvider(
            timespan=settings.login_window, limit=settings.login_attempts, block_duration=settings.login_window
        )

    def count(self, address: str) -> None:
        """Count one attempt. Raises TooManyAttempts, which says when the address may try again."""
        client = _client(address)
        window_began = self._provider.last_reset
        try:
            self._provider.increment(client)
        except RateLimitError:
            raise TooManyAttempts(self._retry_after(client)) from None
        if self._provider.last_reset != window_began:
            self._forget_blocks_that_ended()

    def _retry_after(self, client: str) -> int:
        remaining = self._provider.blocked[client] + self._window - self._clock()
        return max(1, int(remaining) + 1)  # past the end, because at the very end the block still holds

    def _forget_blocks_that_ended(self) -> None:
        """piccolo-api forgets the block of an address only when that address comes again."""
        now = self._clock()
        blocked = self._provider.blocked
        self._provider.blocked = {client: at for client, at in blocked.items() if now - at < self._window}


def _client(address: str) -> str:
    """What counts as one client: an IPv4 address, also one written as IPv6, or an IPv6 network of 64 bits.

    A single IPv6 customer has at least a /64 (RFC 6177), and so 2⁶⁴ addresses to try from.
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
