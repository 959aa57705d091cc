"""The types of objects that work only on the event loop on which they were created or first used."""

import asyncio
import sys
from asyncio import mixins

_ASYNCIO = (
    asyncio.AbstractEventLoop,
    asyncio.AbstractServer,
    asyncio.BaseTransport,
    asyncio.Future,
    asyncio.Handle,
    asyncio.Runner,
    asyncio.StreamReader,
    asyncio.StreamWriter,
    asyncio.TaskGroup,
    asyncio.subprocess.Process,
    mixins._LoopBoundMixin,  # noqa: SLF001 - locks, events, conditions and queues
)

_LIBRARIES: dict[str, tuple[str, frozenset[str]]] = {
    "aiohttp": ("aiohttp", frozenset({"BaseConnector", "ClientSession", "ClientWebSocketResponse"})),
    "anyio": (
        "anyio",
        frozenset(
            {
                "CapacityLimiter",
                "Condition",
                "Event",
                "Lock",
                "MemoryObjectReceiveStream",
                "MemoryObjectSendStream",
                "Semaphore",
                "SocketStream",
                "TaskGroup",
            }
        ),
    ),
    "asyncpg": ("asyncpg", frozenset({"Connection", "Pool", "PoolConnectionProxy"})),
    "httpcore": ("httpcore", frozenset({"AsyncConnectionInterface", "AsyncConnectionPool"})),
    "httpcore2": ("httpcore2", frozenset({"AsyncConnectionInterface", "AsyncConnectionPool"})),
    "httpx": ("httpx", frozenset({"AsyncHTTPTransport"})),
    "httpx2": ("httpx2", frozenset({"AsyncHTTPTransport"})),
    "psycopg": ("psycopg", frozenset({"AsyncConnection", "AsyncCursor"})),
    "psycopg_pool": ("psycopg_pool", frozenset({"AsyncConnectionPool"})),
    "redis": ("redis.asyncio", frozenset({"AbstractConnection", "ConnectionPool", "PubSub", "Redis", "RedisCluster"})),
    "sqlalchemy": ("sqlalchemy.ext.asyncio", frozenset({"AsyncConnection", "AsyncEngine", "AsyncSession"})),
    "uvloop": ("uvloop", frozenset({"Server", "UVHandle"})),
}
"""By top-level package, a prefix of module names and the class names. They are compared by name, without an import."""


def is_bound_type(kind: type) -> bool:
    """Return whether objects of this type belong to a loop: an event loop, lock, queue, transport, task or client."""
    if issubclass(kind, _ASYNCIO):
        return True
    for base in kind.__mro__:
        prefix, names = _LIBRARIES.get(base.__module__.partition(".")[0], ("", ()))
        if base.__name__ in names and base.__module__.startswith(prefix):
            return True
    return False


def is_used_up(value: object) -> bool:
    """Return whether a response has been read or a task has finished, so that it works on every loop."""
    if isinstance(value, asyncio.Future):
        return value.done()
    for package, flag in (("httpx", "is_closed"), ("httpx2", "is_closed"), ("aiohttp", "closed")):
        module = sys.modules.get(package)
        name = "ClientResponse" if package == "aiohttp" else "Response"
        if module is not None and isinstance(value, getattr(module, name, ())):
            return bool(getattr(value, flag))
    return False
