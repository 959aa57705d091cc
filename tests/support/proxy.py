"""A TCP proxy between asyncpg and PostgreSQL that cuts connections before or after a COMMIT."""

import asyncio
from contextlib import suppress
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit

_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""The message of the simple query COMMIT."""


class Proxy:
    """Forwards all data until `cut`, `rejecting` or `dropping` is set.

    cut: cut the next connection that commits. "before COMMIT": PostgreSQL does not receive it. "after COMMIT": the
        response is lost.
    rejecting: reject new connections.
    reject_after_cut: set `rejecting` when a connection is cut.
    dropping: drop the data that is sent to PostgreSQL.
    upstream: the URL of the database.
    silent_after: the number of messages to PostgreSQL, over all connections, after which nothing is forwarded; None: no
        limit. New connections are accepted and get no response.
    """

    def __init__(self, upstream: str) -> None:
        self.cut: Literal["before COMMIT", "after COMMIT"] | None = None
        self.cuts = 0
        self.rejecting = self.reject_after_cut = self.dropping = False
        self.silent_after: int | None = None
        self.forwarded = 0
        self.upstream = upstream
        self._connections: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*self._connections)

    @property
    def is_silent(self) -> bool:
        """Whether `silent_after` has been reached."""
        return self.silent_after is not None and self.forwarded >= self.silent_after

    @property
    def url(self) -> str:
        """The URL of the database through the proxy."""
        parts = urlsplit(self.upstream)
        user = parts.netloc.rpartition("@")[0]
        return f"postgresql://{user}@127.0.0.1:{self.port}{parts.path}?sslmode=disable"

    @property
    def port(self) -> int:
        """The port on which it listens."""
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(asyncio.current_task())
        if self.rejecting:
            writer.transport.abort()
            return
        upstream_reader, upstream_writer = await self._connect()
        self._writers += [writer, upstream_writer]
        responses = asyncio.create_task(self._forward_responses(upstream_reader, writer))
        await self._forward_requests(reader, upstream_writer)
        writer.transport.abort()
        upstream_writer.close()
        await responses

    async def _forward_responses(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await pump(reader, writer)

    async def _forward_requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if self.dropping or self.is_silent:
                    continue
                self.forwarded += 1
                cut = self.cut if _COMMIT in data else None
                if cut != "before COMMIT":
                    writer.write(data)
                    await writer.drain()
                if cut:
                    self.cut, self.cuts, self.rejecting = None, self.cuts + 1, self.reject_after_cut
                    return

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(self.upstream)
        query = parse_qs(parts.query)
        host = query.get("host", [parts.hostname])[0]
        port = int(query.get("port", [parts.port or 5432])[0])
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Forward all data until the end."""
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
