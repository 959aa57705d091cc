"""Hold an answer to the contract: its status is promised, its headers are there, its body is what the schema says."""

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
_EVERYWHERE = {"404": "OuterIssuer", "405": "MethodNotAllowed"}


def check_response(response: httpx2.Response) -> None:
    """Assert that an answer is one that the contract promises. `response` has been read.

    Every 404 and 405 has the envelope, whatever the path. Other answers outside of the API are pages: none of ours.
    """
    if "access-control-request-method" in response.request.headers:
        return  # a browser's question before a request, which is no operation
    path, method, status = response.request.url.path, response.request.method, response.status_code
    if path == f"{API}/interviews/":  # the list's second path, which the contract mentions only in prose
        path = path.rstrip("/")
    operation = _operation(path, method.lower(), status)
    if operation is None:
        return
    headers = {name.lower(): value for name, value in response.headers.items()}
    answer = Answer(status, headers, response.content)
    faults = _conformance().faults(operation, answer, bodiless=method == "HEAD")
    assert not faults, f"{method} {operation.path or path} → {status}: {faults} in {response.text[:500]}"


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """`node`, or what its $ref within the contract points to."""
    found: dict[str, Any] = _conformance().document.resolve(node)
    return found


def validator_of(pointer: str) -> Draft202012Validator:
    """A validator of the schema that stands at a JSON pointer (`/components/schemas/…`) of the contract."""
    schema = {"$ref": f"{_URI}#{pointer}"}
    return Draft202012Validator(schema, registry=_registry(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _operation(path: str, method: str, status: int) -> Operation | None:
    """The operation that was asked; what is said of every path, where none was; None where a page was."""
    for operation in _conformance().document.operations.values():
        if operation.method == method and _pattern(operation.path).fullmatch(path):
            return operation
    ours = path == API or path.startswith(f"{API}/") or status in (404, 405)
    return _elsewhere() if ours else None


@cache
def _elsewhere() -> Operation:
    responses = {status: {"$ref": f"#/components/responses/{name}"} for status, name in _EVERYWHERE.items()}
    return Operation("", "", "", {"responses": responses}, {})


@cache
def _pattern(path: str) -> re.Pattern[str]:
    """A path of the contract; a parameter matches whatever is no fixed path."""
    fixed = "|".join(each.rpartition("/")[2] for each in contract()["paths"] if "{" not in each)
    return re.compile(re.sub(r"\\{\w+\\}", f"(?!(?:{fixed})$)[^/]+", re.escape(path)))


@cache
def _conformance() -> Conformance:
    return Conformance(Document(contract()))


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resource(_URI, Resource(contract(), DRAFT202012))
