"""Hold an answer to the contract: its status is promised, its headers are there, its body is what the schema says."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from app.contract_file import contract

API = "/api/v1"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""All that an OpenAPI path can have."""

_URI = "urn:contract"


@dataclass(frozen=True)
class _Promise:
    """What the contract says of one kind of answer. `headers`: by name, whether required, and the schema's verdict."""

    headers: dict[str, tuple[bool, Draft202012Validator]]
    body: Draft202012Validator


def check_response(response: httpx.Response) -> None:
    """Assert that an answer is one that the contract promises. `response` has been read.

    Every 404 and 405 has the envelope, whatever the path. Other answers outside of the API are pages: none of ours.
    """
    if "access-control-request-method" in response.request.headers:
        return  # a browser's question before a request, which is no operation
    path, method, status = response.request.url.path, response.request.method.lower(), response.status_code
    template = template_of(path)
    place = f"{method.upper()} {template or path} → {status}"
    if template:
        promise = _promise(template, method, str(status))
        assert promise, f"{place} is not promised: {response.text[:300]}"
    elif path == API or path.startswith(f"{API}/") or status in (404, 405):
        promise = _elsewhere(status)
        assert promise, f"{place}, and yet the contract has no such path: {response.text[:300]}"
    else:
        return
    faults = [*_wrong_headers(response, promise), *_wrong_body(response, promise)]
    assert not faults, f"{place}: {faults} in {response.text[:500]}"


def template_of(path: str) -> str | None:
    """The contract's name of a path (`/api/v1/interviews/{interview_id}`), or None where it has no such path."""
    return next((template for template, pattern in _paths().items() if pattern.fullmatch(path)), None)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each operation of the contract: path, method, and what is said of it."""
    for path, item in contract()["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """`node`, or what its $ref within the contract points to."""
    while "$ref" in node:
        node = _registry().resolver(_URI).lookup(node["$ref"]).contents
    return node


def validator_of(pointer: str) -> Draft202012Validator:
    """A validator of the schema that stands at a JSON pointer (`/components/schemas/…`) of the contract."""
    return _validator({"$ref": f"#{pointer}"})


def _wrong_headers(response: httpx.Response, promise: _Promise) -> Iterator[str]:
    for name, (required, validator) in promise.headers.items():
        if name in response.headers:
            value = response.headers[name]
            numeric = validator.schema.get("type") == "integer" and re.fullmatch(r"-?[0-9]+", value)
            yield from (f"{name}: {error.message}" for error in validator.iter_errors(int(value) if numeric else value))
        elif required:
            yield f"the header {name} is missing"


def _wrong_body(response: httpx.Response, promise: _Promise) -> Iterator[str]:
    media_type = response.headers.get("content-type", "")
    if media_type != "application/json":
        yield f"the media type is {media_type!r}"
    if response.request.method == "HEAD":
        return
    try:
        body = json.loads(response.content.decode(), parse_constant=_no_number)
    except ValueError as error:
        yield f"the body is no JSON: {error}"
        return
    yield from (f"{error.json_path}: {error.message}" for error in promise.body.iter_errors(body))


def _no_number(name: str) -> None:
    raise ValueError(f"{name} (RFC 8259, section 6)")


@cache
def _promise(template: str, method: str, status: str) -> _Promise | None:
    """What is promised there; of a method that the path has not, what any operation of the path says of 404 and 405."""
    item = contract()["paths"][template]
    if method in item:
        candidates = [item[method]]
    else:
        candidates = [item[each] for each in METHODS if each in item] if status in ("404", "405") else []
    for operation in candidates:
        if status in operation["responses"]:
            said = resolved(operation["responses"][status])
            return _promise_of(said["headers"], said["content"]["application/json"]["schema"])
    return None


@cache
def _elsewhere(status: int) -> _Promise | None:
    """What is said of a path that the contract does not name. A page has 405s, too."""
    schemas = {404: "NotFound", 405: "MethodNotAllowed"}
    if status not in schemas:
        return None
    common = ["Cache-Control", "X-Request-ID"] + (["Allow"] if status == 405 else [])
    names = {"Cache-Control": "CacheControl", "X-Request-ID": "RequestId", "Allow": "Allow"}
    headers = {name: contract()["components"]["headers"][names[name]] for name in common}
    return _promise_of(headers, {"$ref": f"#/components/schemas/{schemas[status]}"})


def _promise_of(headers: dict[str, Any], body: dict[str, Any]) -> _Promise:
    described = {name: resolved(header) for name, header in headers.items()}
    return _Promise(
        {name: (each.get("required", False), _validator(each["schema"])) for name, each in described.items()},
        _validator(body),
    )


def _validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(_inlined(schema), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _inlined(node: Any) -> Any:
    """`node` with every $ref replaced by what it points to, and what stands beside it; nothing is looked up later."""
    if isinstance(node, list):
        return [_inlined(each) for each in node]
    if not isinstance(node, dict):
        return node
    beside = {name: _inlined(value) for name, value in node.items() if name != "$ref"}
    if "$ref" not in node:
        return beside
    target = _inlined(resolved({"$ref": node["$ref"]}))
    return {**beside, "allOf": [target, *beside.get("allOf", [])]} if beside else target


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resource(_URI, Resource(contract(), DRAFT202012))


@cache
def _paths() -> dict[str, re.Pattern[str]]:
    """The paths of the contract, fixed ones first, so that none of them is taken for one with a parameter."""
    paths = sorted(contract()["paths"], key=lambda path: "{" in path)
    return {path: re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))) for path in paths}
