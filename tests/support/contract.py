"""Hold an answer to the contract: its status is promised, its headers are there, its body is what the schema says."""

import re
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from app.contract_file import contract

_API = "/api/v1"
_METHODS = ("get", "post", "put", "patch", "delete")
_URI = "urn:contract"


def check_response(response: httpx.Response) -> None:
    """Assert that an answer of the API is one that the contract promises. `response` has been read."""
    path = response.request.url.path
    if not path.startswith(_API) or "access-control-request-method" in response.request.headers:
        return  # a page, or a browser's question before a request, which is no operation
    template = next((each for each, pattern in _paths().items() if pattern.fullmatch(path)), None)
    if template is None:
        assert response.status_code == 404, f"{path} is no path of the contract, and yet {response.status_code}"
        return
    item = contract()["paths"][template]
    method = response.request.method.lower()
    known = method if method in item else next(each for each in _METHODS if each in item)
    assert method in item or response.status_code in (404, 405), f"{method} {template} is not in the contract"
    _check(template, known, str(response.status_code), response)


def _check(template: str, method: str, status: str, response: httpx.Response) -> None:
    place = f"{method.upper()} {template} → {status}"
    promised = contract()["paths"][template][method]["responses"]
    assert status in promised, f"{place} is not promised: {response.text[:300]}"
    described = resolved(promised[status])
    for name in described.get("headers", {}):
        optional = not resolved(described["headers"][name]).get("required", False)
        assert optional or name in response.headers, f"{place}: the header {name} is missing"
    if response.request.method == "HEAD":
        return
    faults = [
        f"{error.json_path}: {error.message}"
        for error in _validator(template, method, status).iter_errors(response.json())
    ]
    assert not faults, f"{place}: {faults} in {response.text[:500]}"


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """`node`, or what its $ref within the contract points to."""
    while "$ref" in node:
        target: Any = contract()
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def validator_of(pointer: str) -> Draft202012Validator:
    """A validator of the schema that stands at a JSON pointer (`/components/schemas/…`) of the contract."""
    return Draft202012Validator(
        {"$ref": f"{_URI}#{pointer}"}, registry=_registry(), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


@cache
def _validator(template: str, method: str, status: str) -> Draft202012Validator:
    response = contract()["paths"][template][method]["responses"][status]
    if "$ref" in response:
        pointer = response["$ref"].removeprefix("#")
    else:
        pointer = f"/paths/{template.replace('/', '~1')}/{method}/responses/{status}"
    return validator_of(f"{pointer}/content/application~1json/schema")


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resource(_URI, DRAFT202012.create_resource(contract()))


@cache
def _paths() -> dict[str, re.Pattern[str]]:
    """The paths of the contract, fixed ones first, so that none of them is taken for one with a parameter."""
    paths = sorted(contract()["paths"], key=lambda path: "{" in path)
    return {path: re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))) for path in paths}
