"""TCP links on loopback that can be cut, as a network is cut: nothing passes, nothing is refused, nothing is lost."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Self, TypeVar

T = TypeVar("T")

_SECONDS = 10


class Link:
    """Forwards connections to a port of this machine. While it is cut, data waits, as it does for a retransmission."""

    def __init__(self, network: "Network", upstream: int) -> None:
        self.port = 0
        self._network = network
        self._upstream = upstream
        self._tasks: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """Hold everything that is sent until `restore`."""
        self._network.loop.call_soon_threadsafe(self._whole.clear)

    def restore(self) -> None:
        """Deliver what was held, and forward again."""
        self._network.loop.call_soon_threadsafe(self._whole.set)

    async def open(self) -> None:
        """Listen on a free port."""
        self._whole = asyncio.Event()
        self._whole.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Close every connection."""
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await self._whole.wait()
            upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
            return
        try:
            await asyncio.gather(self._pump(reader, upstream_writer), self._pump(upstream_reader, writer))
        except asyncio.CancelledError:
            pass
        finally:
            writer.transport.abort()
            upstream_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._whole.wait()
                writer.write(data)
                await writer.drain()
        await self._whole.wait()
        writer.close()


class Network:
    """The links of a cluster. They run in a thread of their own, so that they never wait for a test."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="network", daemon=True)
        self._links: list[Link] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for link in self._links:
            self._run(link.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(_SECONDS)
        self.loop.close()

    def link(self, upstream: int) -> Link:
        """Open a link to a port, on which nothing need listen yet."""
        link = Link(self, upstream)
        self._run(link.open())
        self._links.append(link)
        return link

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(_SECONDS)
