"""Read the bodies of responses within limits of time and size."""

import asyncio
import re
from typing import Any

import httpcore2
import httpx2

from statuspin.http.exchange import Answer

EVENT_STREAM = "text/event-stream"
_STREAM_SECONDS = 10.0
_MOST_STREAMED = 1 << 20
_MOST = 64 << 20
_BODILESS = (204, 304)
_STRAY_SECONDS = 0.01
_FIRST_EVENT = re.compile(rb"\r\n\r\n|\n\n|\r\r")


class TooLarge(Exception):
    """A body is larger than the limit."""


async def read_answer(response: httpx2.Response, deadline: float) -> Answer:
    """Return the response with its body. deadline: on the clock of the event loop.

    A stream of Server-Sent Events may never end. After its first event it is read for ten seconds or one mebibyte at
    most, and then `cut`. Raises TooLarge if any other body exceeds 64 MiB, and TimeoutError.
    """
    headers = {name.lower(): value for name, value in response.headers.items()}
    stray = response.status_code in _BODILESS and await _is_followed_by_bytes(response)
    streaming = headers.get("content-type", "").partition(";")[0].strip().lower() == EVENT_STREAM
    read = _read_stream if streaming else _read_whole
    body, cut = await read(response, deadline)
    return Answer(response.status_code, headers, body, tuple(response.headers.get_list("set-cookie")), cut, stray)


async def _is_followed_by_bytes(response: httpx2.Response) -> bool:
    """Return whether bytes follow the head of a response without a body, which clients take for the next response.

    They arrive with the head, in the buffer of its connection, or a moment later.
    """
    node: Any = response.stream
    while node is not None and not hasattr(node, "_connection"):
        node = getattr(node, "_stream", None) or getattr(node, "_httpcore_stream", None)
    connection: Any = getattr(node, "_connection", None)
    state, network = getattr(connection, "_h11_state", None), response.extensions.get("network_stream")
    if state is None or network is None:
        return False
    found = bool(state.trailing_data[0])
    if not found:
        try:
            found = bool(await network.read(1, timeout=_STRAY_SECONDS))
        except (httpcore2.ReadTimeout, httpcore2.ReadError):
            return False
    await connection.aclose()  # the server closed it, or the bytes would be read as the next response
    return found


async def _read_whole(response: httpx2.Response, deadline: float) -> tuple[bytes, bool]:
    body = bytearray()
    async with asyncio.timeout_at(deadline):
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _MOST:
                raise TooLarge(f"the body has more than {_MOST >> 20} MiB")
    return bytes(body), False


async def _read_stream(response: httpx2.Response, deadline: float) -> tuple[bytes, bool]:
    body, begun = bytearray(), False
    chunks = response.aiter_bytes()
    while len(body) <= _MOST_STREAMED:
        try:
            async with asyncio.timeout_at(deadline):
                body += await anext(chunks)
        except StopAsyncIteration:
            return bytes(body), False
        except (TimeoutError, httpx2.ReadTimeout):
            if not begun:
                raise TimeoutError from None
            break
        if not begun and _FIRST_EVENT.search(body):
            begun = True
            deadline = min(deadline, asyncio.get_running_loop().time() + _STREAM_SECONDS)
    return bytes(body), True
