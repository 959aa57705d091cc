"""The JSON envelope of every response under /api/v1: six keys, always present (requirement 8.3)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic_core import to_json
from starlette.responses import Response

JSON = Any
"""A value that pydantic-core can encode: dict, list, str, int, UUID and so on, or RawJSON as `data`."""

_FIXED_HEADERS = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))


class RawJSON(bytes):
    """Pre-rendered JSON (UTF-8), sent as is. PostgreSQL builds it."""


class Envelope(Response):
    """A response under /api/v1, which caches must not store (RFC 9111).

    It sets its headers directly: Starlette's own header handling measured 6 µs more per response.
    """

    media_type = "application/json"
    background = None

    def __init__(self, body: bytes, status: int, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        """body: the encoded envelope. headers: additional headers in ASGI form."""
        self.status_code = status
        self.body = body
        self.raw_headers = [(b"content-length", b"%d" % len(body)), *_FIXED_HEADERS, *headers]


def success(message: str, data: JSON, meta: JSON = None, headers: Mapping[str, str] | None = None) -> Envelope:
    """Return a 200 with `data`."""
    return Envelope(encode_envelope("success", 200, message, data, None, meta), 200, encode_headers(headers or {}))


def failure(
    status: int,
    message: str,
    errors: Sequence[Mapping[str, JSON]],
    *,
    data: JSON = None,
    meta: JSON = None,
    headers: Mapping[str, str] | None = None,
) -> Envelope:
    """Return an error response. Each entry of `errors` has at least `field` and `error`."""
    return Envelope(
        encode_envelope("error", status, message, data, errors, meta), status, encode_headers(headers or {})
    )


def no_content() -> Response:
    """Return a 204."""
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


def encode_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers in ASGI form: lower-case names, Latin-1."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def encode_envelope(status: str, code: int, message: str, data: JSON, errors: JSON, meta: JSON) -> bytes:
    """Return the JSON text of an envelope."""
    return b'{"status":"%b","code":%d,"message":%b,"data":%b,"errors":%b,"meta":%b}' % (
        status.encode(),
        code,
        to_json(message),
        data if isinstance(data, RawJSON) else _encode(data),
        _encode(errors),
        _encode(meta),
    )


def _encode(value: JSON) -> bytes:
    """Return JSON text. Infinity and NaN, which a claim may contain as 1e400, become null (RFC 8259, section 6)."""
    return b"null" if value is None else to_json(value, inf_nan_mode="null")
