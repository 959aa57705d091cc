"""When the server closes a connection that could be used again, over real sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from app.http.keep_alive import KeepAliveProtocol

IDLE = 0.1
"""Seconds."""

ROUNDING = 0.01
"""Seconds that a timer may end early."""

LIMIT = 20.0
"""Seconds to wait for the server."""

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
HEAD_OF_POST = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\n"
RESPONSE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class _Application:
    """Respond to a GET when `may_respond` is set, and to a POST without reading its body."""

    def __init__(self) -> None:
        self.may_respond = asyncio.Event()
        self.may_respond.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.may_respond.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


class _Connection:
    """A connection to the application, and the time of the event loop."""

    def __init__(self, application: _Application, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.application = application
        self.reader = reader
        self.writer = writer
        self.time = asyncio.get_running_loop().time

    async def request(self, content: bytes = GET) -> None:
        """Send a request and read its response."""
        self.writer.write(content)
        await self.read_response()

    async def read_response(self) -> None:
        """Read the next response."""
        async with asyncio.timeout(LIMIT):
            assert await self.reader.readexactly(len(RESPONSE)) == RESPONSE

    async def wait_until_closed(self) -> None:
        """Read until the server closes the connection, which must send nothing before."""
        async with asyncio.timeout(LIMIT):
            assert await self.reader.read() == b""


@pytest.fixture
async def connection() -> AsyncIterator[_Connection]:
    application = _Application()
    config = uvicorn.Config(
        application, http=KeepAliveProtocol, lifespan="off", log_config=None, server_header=False, date_header=False
    )
    config.timeout_keep_alive = IDLE  # type: ignore[assignment]  # a second is the least that the command line takes
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server._serve([listener]))  # no handlers of signals
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        try:
            yield _Connection(application, reader, writer)
        finally:
            writer.close()
            server.should_exit = True
            await serving


async def test_a_connection_stays_open_while_it_is_used_and_closes_when_it_is_idle(connection: _Connection) -> None:
    last = begin = connection.time()
    while last < begin + 3 * IDLE:
        last = connection.time()
        await connection.request()
    await connection.wait_until_closed()

    assert connection.time() - last >= IDLE - ROUNDING


async def test_a_connection_stays_open_until_a_late_response_and_closes_when_it_is_idle(
    connection: _Connection,
) -> None:
    await connection.request()
    connection.application.may_respond.clear()
    released = connection.time() + 3 * IDLE
    asyncio.get_running_loop().call_at(released, connection.application.may_respond.set)
    await connection.request()
    await connection.wait_until_closed()

    assert connection.time() - released >= IDLE - ROUNDING


async def test_a_connection_stays_open_for_a_body_after_the_response_and_closes_when_it_is_idle(
    connection: _Connection,
) -> None:
    await connection.request(HEAD_OF_POST)
    sent = connection.time() + 3 * IDLE
    asyncio.get_running_loop().call_at(sent, connection.writer.write, b"body" + GET)
    await connection.read_response()
    await connection.wait_until_closed()

    assert connection.time() - sent >= IDLE - ROUNDING


async def test_pipelined_requests_are_all_answered_and_the_connection_closes_when_it_is_idle(
    connection: _Connection,
) -> None:
    connection.writer.write(3 * GET)
    for _ in range(3):
        await connection.read_response()
    await connection.wait_until_closed()
