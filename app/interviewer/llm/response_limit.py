"""Bound the responses of a language model's server, because each one is read into memory."""

from collections.abc import AsyncIterator

import httpx2

MAX_RESPONSE_SIZE = 8_388_608
"""Bytes. A stream takes a few hundred bytes for each token, and a reply has at most some thousand tokens."""

ACCEPT_ENCODING = {"Accept-Encoding": "identity"}
"""The header that asks for uncompressed responses: a small compressed response can be a large one in memory."""


async def limit_response(response: httpx2.Response) -> None:
    """Let reading the response fail after MAX_RESPONSE_SIZE bytes: a response hook of the HTTP client.

    Raises httpx2.DecodingError if the response is compressed although the request did not allow it.
    """
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise httpx2.DecodingError("the response is compressed", request=response.request)
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _LimitedStream(response.stream, response.request)


class _LimitedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, request: httpx2.Request) -> None:
        self._stream, self._request = stream, request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for part in self._stream:
            received += len(part)
            if received > MAX_RESPONSE_SIZE:
                raise httpx2.ReadError(f"the response exceeds {MAX_RESPONSE_SIZE} bytes", request=self._request)
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
