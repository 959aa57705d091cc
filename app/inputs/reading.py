"""Path, query, headers and body of a request → frozen models, or one refusal that names every fault (requirement 5)."""

import re
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError, from_json
from starlette.requests import Request

from app.domain.errors import BodyTooLarge, Fault, InvalidInput, UnsupportedMediaType
from app.inputs.values import parse_uuid

LARGEST_BODY = 1024 * 1024
"""Bytes."""

Model = TypeVar("Model", bound=BaseModel)

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


async def read_body(request: Request, model: type[Model]) -> Model:
    """The JSON body as a `model`.

    Raises UnsupportedMediaType, BodyTooLarge (as soon as either is known) and InvalidInput.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > LARGEST_BODY:
        raise BodyTooLarge
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise BodyTooLarge
    try:
        _refuse_numbers_beyond_json(body)
        return model.model_validate_json(bytes(body))
    except ValidationError as error:
        raise InvalidInput(_faults(error)) from None


def read_query(request: Request, model: type[Model]) -> Model:
    """The query string as a `model`; of a repeated parameter the last counts. Raises InvalidInput."""
    try:
        return model.model_validate(dict(request.query_params))
    except ValidationError as error:
        raise InvalidInput(_faults(error)) from None


def path_uuid(request: Request, name: str) -> UUID:
    """A path parameter as a UUID. Raises InvalidInput (requirement 5: 422 before any database operation)."""
    try:
        return parse_uuid(request.path_params[name])
    except PydanticCustomError as error:
        raise InvalidInput([Fault(name, error.message(), error.type)]) from None


def idempotency_key(request: Request) -> str | None:
    """The Idempotency-Key header: 1 to 255 visible ASCII characters, or None. Raises InvalidInput.

    Source: the IETF draft "The Idempotency-Key HTTP Header Field".
    """
    key: str | None = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        text = "Input should be 1 to 255 visible ASCII characters"
        raise InvalidInput([Fault("Idempotency-Key", text, "string_pattern_mismatch")])
    return key


def _refuse_numbers_beyond_json(body: bytearray) -> None:
    """NaN and Infinity are no JSON (RFC 8259, section 6), though pydantic lets them by in members that it ignores."""
    if b"NaN" not in body and b"Infinity" not in body:
        return
    try:
        from_json(bytes(body), allow_inf_nan=False)
    except ValueError as error:
        raise InvalidInput([Fault("body", f"Invalid JSON: {error}", "json_invalid")]) from None


def _faults(error: ValidationError) -> list[Fault]:
    return [
        Fault(" -> ".join(str(part) for part in fault["loc"]) or "body", fault["msg"], fault["type"])
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]
