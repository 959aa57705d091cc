"""Fetch JSON from a server that the settings name, within limits of time and size."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx2


class InvalidResponse(ValueError):
    """The response cannot be used. The message contains nothing of the URL, which may contain a secret."""


async def fetch_json(
    client: httpx2.AsyncClient,
    url: httpx2.URL,
    *,
    timeout: float,  # noqa: ASYNC109 - a setting
    max_size: int,
    headers: Mapping[str, str] | None = None,
) -> Any:
    """Return the parsed body of a 200.

    timeout: seconds for the complete response. max_size: bytes. headers: added to those that ask for uncompressed JSON.

    Raises InvalidResponse, TimeoutError and the errors of httpx2 and json.
    """
    # The timeout of httpx2 is per read. A server that sends one byte per second would never exceed it.
    async with asyncio.timeout(timeout):
        return json.loads(await _read_body(client, url, max_size, headers or {}))


async def _read_body(
    client: httpx2.AsyncClient, url: httpx2.URL, max_size: int, headers: Mapping[str, str]
) -> bytearray:
    body = bytearray()
    # Request an uncompressed response, because a small compressed one may expand to any size.
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", **headers}
    async with client.stream("GET", url, headers=headers) as response:
        if response.status_code != httpx2.codes.OK:
            raise InvalidResponse(f"status {response.status_code}")
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > max_size:
                raise InvalidResponse(f"response larger than {max_size} bytes")
    return body
