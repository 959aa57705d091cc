"""A TCP proxy between asyncpg and PostgreSQL that cuts the connection at the worst moment."""

import asyncio
from contextlib import suppress
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit

_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""The message of a simple query that says COMMIT."""


class Proxy:
    """Hands everything through, until `cut` says otherwise.

    cut: "before COMMIT" – it never reaches PostgreSQL; "after COMMIT" – it does, and the answer is lost. Once.
    shut: whoever connects from now on is turned away; set by itself where `shut_when_cut`.
    silent: what is sent to PostgreSQL is lost, and nobody is told.
    """

    def __init__(self, upstream: str) -> None:
        self.cut: Literal["before COMMIT", "after COMMIT"] | None = None
        self.cuts = 0
        self.shut = self.shut_when_cut = self.silent = False
        self._upstream = upstream
        self._under_way: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*self._under_way)

    @property
    def url(self) -> str:
        """Where asyncpg finds the database through the proxy."""
        parts = urlsplit(self._upstream)
        user = parts.netloc.rpartition("@")[0]
        return f"postgresql://{user}@127.0.0.1:{self.port}{parts.path}?sslmode=disable"

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._under_way.add(asyncio.current_task())
        if self.shut:
            writer.transport.abort()
            return
        upstream_reader, upstream_writer = await self._connect()
        self._writers += [writer, upstream_writer]
        answers = asyncio.create_task(self._answer(upstream_reader, writer))
        await self._forward(reader, upstream_writer)
        writer.transport.abort()
        upstream_writer.close()
        await answers

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await pump(reader, writer)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if self.silent:
                    continue
                cut = self.cut if _COMMIT in data else None
                if cut != "before COMMIT":
                    writer.write(data)
                    await writer.drain()
                if cut:
                    self.cut, self.cuts, self.shut = None, self.cuts + 1, self.shut_when_cut
                    return

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(self._upstream)
        query = parse_qs(parts.query)
        host = query.get("host", [parts.hostname])[0]
        port = int(query.get("port", [parts.port or 5432])[0])
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand on whatever comes, to the end."""
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
