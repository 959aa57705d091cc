"""Build the request that a pin describes."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from statuspin.contract.document import Operation
from statuspin.contract.steps import Request
from statuspin.errors import CannotRun
from statuspin.http.bodies import FORM, MULTIPART, choose_media_type, encode_body
from statuspin.http.credentials import Credentials
from statuspin.http.exchange import Sent
from statuspin.http.values import encode_raw, fill

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})


def build_request(operation: Operation, request: Request, credentials: Credentials, kept: Mapping[str, Any]) -> Sent:
    """Return the HTTP request for `request`.

    Values of the pin override the credentials, and `without` removes both. kept: kept values by name.
    Raises CannotRun if a path parameter has no value, or if a name is used that no step kept.
    """
    without = {name.lower() for name in request.without}
    method = (request.method or operation.method).upper()
    values = _omit(fill(request.path, kept), without)
    query = {name: _spell_as_json(value) for name, value in _omit(fill(request.query, kept), without).items()}
    headers = {
        name.lower(): str(_spell_as_json(each)) for name, each in _omit(fill(request.headers, kept), without).items()
    }
    body, media_type = _encode_body(operation, request, kept, credentials if method not in SAFE else Credentials())
    if body is not None:
        headers.setdefault("content-type", media_type)
    for name, value in _credential_headers(credentials, method).items():
        if name not in without:
            headers.setdefault(name, value)
    query = {**_omit(credentials.query, without), **query}
    target = _build_path(operation, values)
    if query:
        target += "?" + urlencode(query, doseq=True, errors="surrogatepass")
    return Sent(method, target, headers, body or b"", request.chunked)


def _credential_headers(credentials: Credentials, method: str) -> dict[str, str]:
    headers = dict(credentials.headers)
    if credentials.cookies:
        headers["cookie"] = credentials.cookie_header
    if credentials.csrf_header and method not in SAFE:
        name, value = credentials.csrf_header
        headers[name.lower()] = value
    return headers


def _omit(values: Mapping[str, Any], without: set[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name.lower() not in without}


def _build_path(operation: Operation, values: Mapping[str, Any]) -> str:
    path = operation.path
    for name, value in values.items():
        segment = quote(str(_spell_as_json(value)), safe="", errors="surrogatepass")
        segment = (
            segment.replace(".", "%2E") if segment in (".", "..") else segment
        )  # a client would resolve these dot segments
        path = path.replace(f"{{{name}}}", segment)
    if "{" in path:
        raise CannotRun(f"pins.yaml: {operation.id}: a parameter of the path {path} has no value; set it in `path`")
    return path


def _encode_body(
    operation: Operation, request: Request, kept: Mapping[str, Any], credentials: Credentials
) -> tuple[bytes | None, str]:
    media_type = request.media_type or choose_media_type(operation.media_types)
    if request.raw is not None:
        return encode_raw(request.raw, kept), media_type
    body = fill(request.body, kept)
    if credentials.csrf_field and (isinstance(body, dict) or (body is None and media_type in (FORM, MULTIPART))):
        body = {**dict([credentials.csrf_field]), **(body or {})}
    if body is None:
        return None, media_type
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in request.without}
    return encode_body(body, media_type)


def _spell_as_json(value: Any) -> Any:
    """Return a value of a path, query or header with booleans spelled as in JSON: `true`, not `True`."""
    if isinstance(value, list):
        return [_spell_as_json(each) for each in value]
    return str(value).lower() if isinstance(value, bool) else value
