"""The one JSON shape on the wire: six keys, always all of them, whatever the answer (requirement 8.3)."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json
from starlette.responses import Response

JSON = Any
"""What pydantic-core can turn into JSON: dicts, lists, str, int, UUID, …; and RawJSON at the top of `data`."""


class RawJSON(bytes):
    """JSON text, UTF-8, that goes out as it is. PostgreSQL builds it, and nobody on the way has to look inside."""


class Envelope(Response):
    """A response under /api/v1. Nothing of it may be stored by caches (RFC 9111)."""

    media_type = "application/json"


def success(message: str, data: JSON, meta: JSON = None, headers: Mapping[str, str] | None = None) -> Envelope:
    """A 200: `data` is what was asked for."""
    return _envelope("success", 200, message, data, None, meta, headers)


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
    return _envelope("error", status, message, data, errors, meta, headers)


def _envelope(
    outcome: str,
    status: int,
    message: str,
    data: JSON,
    errors: JSON,
    meta: JSON,
    headers: Mapping[str, str] | None,
) -> Envelope:
    body = b'{"status":"%b","code":%d,"message":%b,"data":%b,"errors":%b,"meta":%b}' % (
        outcome.encode(),
        status,
        _rendered(message),
        data if isinstance(data, RawJSON) else _rendered(data),
        _rendered(errors),
        _rendered(meta),
    )
    return Envelope(body, status, {"Cache-Control": "no-store", **(headers or {})})


def _rendered(value: JSON) -> bytes:
    """JSON text; what is no number in JSON (a claim may say 1e400) is null (RFC 8259, section 6)."""
    return to_json(value, inf_nan_mode="null")
