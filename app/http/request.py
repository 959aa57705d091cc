"""Reading a request: bearer token, path, query, headers and body, validated into frozen models (requirement 5).

A validation error lists every invalid field.
"""

import re
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError, from_json
from starlette.requests import ClientDisconnect, Request

from app.domain.errors import AuthenticationRequired
from app.http.errors import REJECTED, BodyTooLarge, FieldError, InvalidRequest, UnsupportedMediaType
from app.http.fields import parse_uuid
from app.settings import Settings
from app.use_cases.idempotency import IdempotencyKey

MAX_BODY_SIZE = 1024 * 1024
"""Bytes."""

Model = TypeVar("Model", bound=BaseModel)

_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def bearer_token(authorization: str | None) -> str:
    """Return the token in the value of an Authorization header (RFC 6750, section 2.1), without verifying it.

    The scheme is case-insensitive (RFC 9110, section 11.1). Raises AuthenticationRequired if the value is None or
    blank, names another scheme, or has no token or more than one.
    """
    scheme, _, rest = (authorization or "").strip().partition(" ")
    token = rest.lstrip(" ")
    if scheme.lower() != "bearer" or token.split() != [token]:
        raise AuthenticationRequired
    return token


async def read_body(
    request: Request, model: type[Model], *, max_size: int = MAX_BODY_SIZE, context: object = None
) -> Model:
    """Return the JSON body as a `model`. max_size: in bytes. context: what the validators of the model need.

    Raises BodyTooLarge and UnsupportedMediaType, each as early as possible, then ReceiveTimedOut and InvalidRequest.
    """
    content_length = find_header(request, b"content-length") or ""
    if content_length.isdecimal() and int(content_length[:20]) > max_size:
        raise BodyTooLarge(max_size)
    media_type = find_header(request, b"content-type") or ""
    if media_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType
    body = await receive_body(request, max_size=max_size)
    try:
        _reject_nan_and_infinity(body)
        return model.model_validate_json(body, context=context)
    except ValidationError as error:
        raise InvalidRequest(_field_errors(error)) from None


def read_query(request: Request, model: type[Model]) -> Model:
    """Return the query parameters as a `model`. If a parameter is repeated, the last value counts.

    Raises InvalidRequest.
    """
    try:
        return model.model_validate(dict(request.query_params))
    except ValidationError as error:
        raise InvalidRequest(_field_errors(error)) from None


def path_uuid(request: Request, name: str) -> UUID:
    """Return a path parameter as a UUID. Raises InvalidRequest (requirement 5: before any database operation)."""
    try:
        return parse_uuid(request.path_params[name])
    except PydanticCustomError as error:
        raise InvalidRequest([FieldError(name, error.message(), error.type)]) from None


def idempotency_key(request: Request, operation: str, body: BaseModel, settings: Settings) -> IdempotencyKey | None:
    """Return the Idempotency-Key of the request with the fingerprint of its body, or None if it has no key.

    A key has 1 to 255 visible ASCII characters. Two bodies have the same fingerprint if they mean the same: member
    order, white space and unknown members do not count. Raises InvalidRequest.

    Source: the IETF draft "The Idempotency-Key HTTP Header Field".
    """
    key = find_header(request, b"idempotency-key")
    if key is None:
        return None
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        message = "Input should be 1 to 255 visible ASCII characters"
        raise InvalidRequest([FieldError("Idempotency-Key", message, "string_pattern_mismatch")])
    fingerprint = sha256(body.model_dump_json().encode()).digest()
    return IdempotencyKey(key, operation, fingerprint, settings.idempotency_hours)


def find_header(request: Request, name: bytes) -> str | None:
    """Return the value of the first header with this lower-case name, or None.

    Searching the raw headers avoids building a Headers object, which measured 4 µs more per request.
    """
    for key, value in request.scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return None


async def receive_body(request: Request, *, max_size: int = MAX_BODY_SIZE) -> bytes:
    """Return the whole body. max_size: in bytes.

    Raises BodyTooLarge, ClientDisconnect if the client leaves before the end, and the error for which the server
    rejects the rest of the body: ReceiveTimedOut after BODY_TIMEOUT.
    """
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        if REJECTED in request.scope:
            raise request.scope[REJECTED]
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > max_size:
            raise BodyTooLarge(max_size)
        more = message.get("more_body", False)
    return b"".join(chunks)


def _reject_nan_and_infinity(body: bytes) -> None:
    """Raise InvalidRequest for NaN and Infinity, which are not JSON (RFC 8259, section 6).

    pydantic accepts them in members that the model ignores.
    """
    if b"NaN" not in body and b"Infinity" not in body:
        return
    try:
        from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidRequest([FieldError("body", f"Invalid JSON: {error}", "json_invalid")]) from None


def _field_errors(error: ValidationError) -> list[FieldError]:
    return [
        FieldError(" -> ".join(str(part) for part in each["loc"]) or "body", each["msg"], each["type"])
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    ]
