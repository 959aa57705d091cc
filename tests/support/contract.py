"""Check a response against the contract: its status, its headers and the schema of its body."""

import re
from functools import cache
from typing import Any

import httpx2
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from app.openapi import contract
from statuspin.contract.document import Document, Operation
from statuspin.http.conformance import Conformance
from statuspin.http.exchange import Answer

API = "/api/v1"

_URI = "urn:contract"
_RESPONSES_OF_ANY_PATH = {"404": "OuterIssuer", "405": "MethodNotAllowed"}


def check_response(response: httpx2.Response) -> None:
    """Assert that a response is one that the contract promises. Its body must have been read.

    Every 404 and 405 has the envelope, at any path. Other responses outside the API are pages, which are not checked.
    """
    if "access-control-request-method" in response.request.headers:
        return  # a CORS preflight request is not an operation
    path, method, status = response.request.url.path, response.request.method, response.status_code
    if path == f"{API}/interviews/":  # the contract mentions the trailing slash only in prose
        path = path.rstrip("/")
    operation = _find_operation(path, method.lower(), status)
    if operation is None:
        return
    headers = {name.lower(): value for name, value in response.headers.items()}
    answer = Answer(status, headers, response.content)
    problems = _conformance().faults(operation, answer, bodiless=method == "HEAD")
    assert not problems, f"{method} {operation.path or path} → {status}: {problems} in {response.text[:500]}"


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    """Return `node`, or the node that its $ref within the contract points to."""
    resolve: dict[str, Any] = _conformance().document.resolve(node)
    return resolve


def create_validator(pointer: str) -> Draft202012Validator:
    """Return a validator of the schema at a JSON pointer of the contract, such as `/components/schemas/…`."""
    schema = {"$ref": f"{_URI}#{pointer}"}
    return Draft202012Validator(schema, registry=_registry(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _find_operation(path: str, method: str, status: int) -> Operation | None:
    """Return the requested operation, the promises for any other path of the API, or None for a page."""
    for operation in _conformance().document.operations.values():
        if operation.method == method and _path_pattern(operation.path).fullmatch(path):
            return operation
    in_api = path == API or path.startswith(f"{API}/") or status in (404, 405)
    return _unknown_operation() if in_api else None


@cache
def _unknown_operation() -> Operation:
    responses = {status: {"$ref": f"#/components/responses/{name}"} for status, name in _RESPONSES_OF_ANY_PATH.items()}
    return Operation("", "", "", {"responses": responses}, {})


@cache
def _path_pattern(path: str) -> re.Pattern[str]:
    """Return the pattern of a path of the contract. A parameter does not match the last segment of a fixed path."""
    fixed = "|".join(each.rpartition("/")[2] for each in contract()["paths"] if "{" not in each)
    return re.compile(re.sub(r"\\{\w+\\}", f"(?!(?:{fixed})$)[^/]+", re.escape(path)))


@cache
def _conformance() -> Conformance:
    return Conformance(Document(contract()))


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resource(_URI, Resource(contract(), DRAFT202012))
