"""The one JSON shape on the wire: six keys, always all of them, whatever the answer (requirement 8.3)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic_core import to_json
from starlette.responses import Response

JSON = Any
"""What pydantic-core can turn into JSON: dicts, lists, str, int, UUID, …; and RawJSON at the top of `data`."""

_FIXED = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))


class RawJSON(bytes):
    """JSON text, UTF-8, that goes out as it is. PostgreSQL builds it, and nobody on the way has to look inside."""


class Envelope(Response):
    """A response under /api/v1. Nothing of it may be stored by caches (RFC 9111).

    It is put together here: Starlette's own way to headers, which asks of each whether it is there already, measured
    6 µs more.
    """

    media_type = "application/json"
    background = None

    def __init__(self, body: bytes, status: int, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        """body: the whole JSON text. headers: beside those that every envelope has."""
        self.status_code = status
        self.body = body
        self.raw_headers = [(b"content-length", b"%d" % len(body)), *_FIXED, *headers]


def success(message: str, data: JSON, meta: JSON = None, headers: Mapping[str, str] | None = None) -> Envelope:
    """A 200: `data` is what was asked for."""
    return Envelope(rendered("success", 200, message, data, None, meta), 200, raw_headers(headers or {}))


def failure(
    status: int,
    message: str,
    errors: Sequence[Mapping[str, JSON]],
    *,
    data: JSON = None,
    meta: JSON = None,
    headers: Mapping[str, str] | None = None,
) -> Envelope:
    """A refusal: `errors` has one entry a fault, each with at least `field` and `error`."""
    return Envelope(rendered("error", status, message, data, errors, meta), status, raw_headers(headers or {}))


def raw_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI wants them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def rendered(outcome: str, status: int, message: str, data: JSON, errors: JSON, meta: JSON) -> bytes:
    """The envelope's text."""
    return b'{"status":"%b","code":%d,"message":%b,"data":%b,"errors":%b,"meta":%b}' % (
        outcome.encode(),
        status,
        to_json(message),
        data if isinstance(data, RawJSON) else _json(data),
        _json(errors),
        _json(meta),
    )


def _json(value: JSON) -> bytes:
    """JSON text; what is no number in JSON (a claim may say 1e400) is null (RFC 8259, section 6)."""
    return b"null" if value is None else to_json(value, inf_nan_mode="null")
