"""Encode request bodies as JSON, form or multipart."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_BOUNDARY = "statuspin-7MA4YWxkTrZu0gW"


def choose_media_type(media_types: Sequence[str]) -> str:
    """Return the media type to send a body in: JSON if it is allowed, else a form, else JSON."""
    plain = [each.partition(";")[0].strip().lower() for each in media_types]
    if not plain or any(each.endswith("json") for each in plain):
        return next((each for each in plain if each.endswith("json") and "*" not in each), JSON)
    return next((each for each in plain if each in (FORM, MULTIPART)), JSON)


def encode_body(body: Any, media_type: str) -> tuple[bytes, str]:
    """Return the bytes of a body and its Content-Type. Objects are encoded as forms if the media type is one."""
    plain = media_type.partition(";")[0].strip().lower()
    if plain == FORM and isinstance(body, dict):
        return urlencode(_form_fields(body), errors="surrogatepass").encode(), media_type
    if plain == MULTIPART and isinstance(body, dict):
        return _encode_multipart(body), f"{MULTIPART}; boundary={_BOUNDARY}"
    return json.dumps(body).encode(), media_type


def flatten_form(body: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the fields of a form: a list is a field for each item, and null is no field."""
    return [
        (name, each)
        for name, value in body.items()
        for each in (value if isinstance(value, list) else [value])
        if each is not None
    ]


def _form_fields(body: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, _form_value(value)) for name, value in flatten_form(body)]


def _form_value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _encode_multipart(body: dict[str, Any]) -> bytes:
    """Encode a form as RFC 7578 defines. The boundary is fixed, so that two runs send the same bytes."""
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{_escape_name(name)}"\r\n\r\n{value}\r\n'
        for name, value in _form_fields(body)
    ]
    return ("".join(parts) + f"--{_BOUNDARY}--\r\n").encode("utf-8", "surrogatepass")


def _escape_name(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
