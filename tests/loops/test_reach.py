"""What the loop guard finds in a value: the objects that belong to a loop, and their loops."""

import asyncio
import functools
import types
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import anyio
import httpx
import httpx2
import pytest

from pytest_loopguard.reach import LIMIT, find_bound, find_loops


class Holder:
    def __init__(self, value: object) -> None:
        self.value = value

    def method(self) -> object:
        return self.value


class Slots:
    __slots__ = ("empty", "value")

    def __init__(self, value: object) -> None:
        self.value = value


class Registry(dict[str, object]):
    pass


def _registry(value: object) -> Registry:
    registry = Registry()
    registry.value = value  # type: ignore[attr-defined]
    return registry


def _endless(value: object) -> list[object]:
    endless: list[object] = [value]
    endless.append(endless)
    return endless


HOLDERS: dict[str, Callable[[Any], object]] = {
    "itself": lambda value: value,
    "list": lambda value: [[], [value]],
    "key": lambda value: {value: 1},
    "value": lambda value: {"a": {"b": value}},
    "object": Holder,
    "namespace": lambda value: types.SimpleNamespace(value=value),
    "slots": Slots,
    "dict with attributes": _registry,
    "closure": lambda value: lambda: value,
    "default": lambda value: lambda value=value: value,
    "method": lambda value: Holder(value).method,
    "partial": lambda value: functools.partial(print, file=value),
    "endless": _endless,
    "proxy": lambda value: types.MappingProxyType({"a": value}),
}


@pytest.mark.parametrize("hold", HOLDERS.values(), ids=HOLDERS)
def test_a_lock_is_found_in_what_holds_it(hold: Callable[[object], object]) -> None:
    lock = asyncio.Lock()

    assert find_bound(hold(lock)) == [lock]


def test_the_search_stops_at_its_limit() -> None:
    lock = asyncio.Lock()

    assert find_bound([*range(LIMIT), lock]) == []
    assert find_bound([*range(LIMIT - 10), lock]) == [lock]


async def test_a_cache_with_an_entry_for_each_loop_is_not_bound() -> None:
    loop, lock = asyncio.get_running_loop(), asyncio.Lock()

    assert find_bound({loop: lock}) == []
    assert find_bound(weakref.WeakKeyDictionary({loop: lock})) == []
    assert find_bound({"loop": loop}) == [loop]


class Failing:
    """An object that raises if it is touched."""

    def __getattribute__(self, name: str) -> object:
        raise RuntimeError(name)

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment]


def test_objects_that_raise_if_they_are_touched_are_harmless() -> None:
    lock = asyncio.Lock()

    assert find_bound([Failing(), lock]) == [lock]


async def test_everything_of_asyncio_is_bound() -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(asyncio.sleep(0))
    streams = anyio.create_memory_object_stream[int](1)
    made: list[object] = [
        loop, task, loop.create_future(), asyncio.Lock(), asyncio.Event(), asyncio.Condition(), asyncio.Semaphore(1),
        asyncio.Barrier(1), asyncio.Queue(), asyncio.PriorityQueue(), asyncio.StreamReader(), asyncio.Runner(),
        anyio.Lock(), anyio.Event(), anyio.CapacityLimiter(1), *streams,
    ]  # fmt: skip

    assert [find_bound(each) for each in made] == [[each] for each in made]

    for stream in streams:
        stream.close()
    await task
    assert find_bound(task) == []


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    writer.close()


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """The URL of a server that keeps its connections open."""
    async with await asyncio.start_server(_answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


@pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda library: library.__name__)
async def test_a_client_has_the_loop_of_its_open_connections(library: Any, url: str) -> None:
    client = library.AsyncClient()
    (transport, *_) = find_bound(client)
    assert isinstance(transport, library.AsyncHTTPTransport)
    assert find_loops(transport) == []

    response = await client.get(url)

    assert find_loops(transport) == [asyncio.get_running_loop()]
    assert find_bound(response) == []
    async with client.stream("GET", url) as unread:
        assert find_loops(find_bound(unread)[0]) == [asyncio.get_running_loop()]
    await client.aclose()


async def test_aiohttp(url: str) -> None:
    aiohttp = pytest.importorskip("aiohttp", reason="needs aiohttp: pip install aiohttp")
    async with aiohttp.ClientSession() as session:
        assert find_loops(find_bound([session])[0]) == [asyncio.get_running_loop()]
        async with session.get(url) as response:
            assert await response.json(content_type=None) == {}
        assert find_bound(response) == []


async def test_redis() -> None:
    redis = pytest.importorskip("redis.asyncio", reason="needs redis: pip install redis")
    client = redis.Redis()

    assert find_bound([client]) == [client]
    assert find_bound([client.connection_pool]) == [client.connection_pool]
    assert find_bound(pytest.importorskip("redis").Redis()) == []


async def test_psycopg() -> None:
    psycopg_pool = pytest.importorskip("psycopg_pool", reason="needs psycopg: pip install 'psycopg[pool]'")
    pool = psycopg_pool.AsyncConnectionPool(open=False)

    assert find_bound([pool]) == [pool]
    assert find_bound(psycopg_pool.ConnectionPool(open=False)) == []


async def test_asyncpg() -> None:
    asyncpg = pytest.importorskip("asyncpg", reason="needs asyncpg: pip install asyncpg")
    pool = asyncpg.create_pool("postgresql://nobody@127.0.0.1:1/nothing")

    assert find_bound([pool]) == [pool]
    assert find_loops(pool) == [asyncio.get_running_loop()]
