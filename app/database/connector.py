"""Connect to the host of a URL that has the wanted role, even if another host is silent.

asyncpg tries the hosts one after the other, within one time limit, and believes what a server reported when the
connection began. A host that was cut off would use up the time limit, and PgBouncer reports what it once heard from its
server. So the service gives each host a head start over the next one, as RFC 8305 does with addresses, and asks.
"""

import asyncio
from collections import deque
from typing import Any

import asyncpg

from app.database.dialect import asyncpg_url
from app.database.errors import ConnectionLost, translate_error
from app.database_url import Host, find_role, parse_hosts

HEAD_START = 0.25
"""Seconds after which the next host is tried too."""

_ASK = "BEGIN READ WRITE; COMMIT"
"""A standby refuses it. It is one simple query, so that a pooler uses one backend."""


class WrongRole(Exception):
    """The server is a standby, or the primary, and the URL asks for the other."""


class Connector:
    """Connects to a URL. It tries the host that fitted last first.

    wants: the role that the URL asks for: "primary", "standby" or "any".
    """

    def __init__(self, url: str) -> None:
        """Raises ValueError for a malformed URL."""
        self.url = asyncpg_url(url)
        self.wants = find_role(url) or "any"
        self._hosts = parse_hosts(url)

    async def __call__(self, *_unused: object, **options: Any) -> "asyncpg.Connection[asyncpg.Record]":
        """Return a connection. options: of asyncpg.connect. Ignores the positional arguments that its pool adds.

        Raises what asyncpg.connect raises; with several hosts, ConnectionLost with the fault of each.
        """
        if len(self._hosts) == 1 and self.wants == "any":
            return await asyncpg.connect(self.url, **options)
        waiting = deque(self._hosts)
        attempts: dict[asyncio.Task[asyncpg.Connection[asyncpg.Record]], Host] = {}
        faults: dict[Host, BaseException] = {}
        try:
            while waiting or attempts:
                if waiting:
                    host = waiting.popleft()
                    attempts[asyncio.create_task(self._connect(host, options))] = host
                done, _ = await asyncio.wait(
                    attempts, timeout=HEAD_START if waiting else None, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    host = attempts.pop(task)
                    fault = task.exception()
                    if fault is None:
                        self._hosts = (host, *(each for each in self._hosts if each != host))
                        return task.result()
                    faults[host] = fault
        finally:
            await _abandon(attempts)
        raise _explain(faults)

    async def _connect(self, host: Host, options: dict[str, Any]) -> "asyncpg.Connection[asyncpg.Record]":
        options = {**options, "host": host.name, "port": host.port, "target_session_attrs": "any"}
        connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(self.url, **options)
        try:
            await self._check(connection)
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _check(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Raise WrongRole unless the server has the wanted role."""
        if self.wants == "any":
            return
        if self.wants == "primary" and getattr(connection.get_settings(), "default_transaction_read_only", "") == "on":
            raise WrongRole("it is read-only")
        try:
            await connection.execute(_ASK)
        except asyncpg.FeatureNotSupportedError:
            if self.wants == "primary":
                raise WrongRole("it is a standby") from None
        else:
            if self.wants == "standby":
                raise WrongRole("it is the primary")


async def _abandon(attempts: "dict[asyncio.Task[asyncpg.Connection[asyncpg.Record]], Host]") -> None:
    for task in attempts:
        task.cancel()
    for result in await asyncio.gather(*attempts, return_exceptions=True):
        if isinstance(result, asyncpg.Connection):
            result.terminate()


def _explain(faults: dict[Host, BaseException]) -> BaseException:
    """Return the error for a URL none of whose hosts fits; or the fault itself if it is a bug of the service."""
    reasons = []
    for host, fault in faults.items():
        translation = translate_error(fault)
        if translation is None and not isinstance(fault, WrongRole):
            return fault
        reasons.append(f"{host}: {translation.explanation if translation else fault}")
    return ConnectionLost("no server of the database can be used", f"no host can be used ({'; '.join(reasons)})")
