"""What a person or a tool reads about the API: the contract as YAML and JSON, and a page made from it, all offline."""

import base64
import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.contract_file import contract, contract_text

_PAGES = Path(__file__).parent.parent / "pages"
_OPERATIONS = ("get", "post", "put", "patch", "delete")


async def contract_as_yaml(request: Request) -> Response:  # noqa: ARG001 - the signature of every page
    """The contract, as it was written."""
    return Response(contract_text(), media_type="application/yaml")


async def contract_as_json(request: Request) -> Response:  # noqa: ARG001 - the signature of every page
    """The contract as JSON."""
    return Response(_contract_json(), media_type="application/json")


async def docs(request: Request) -> Response:  # noqa: ARG001 - the signature of every page
    """The contract as a page. It loads nothing from anywhere, and its policy lets it load nothing."""
    page, policy = _docs_page()
    return HTMLResponse(page, headers={"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"})


async def root(request: Request) -> Response:  # noqa: ARG001 - the signature of every page
    """The front door leads to the docs."""
    return RedirectResponse("/docs", status_code=307)


@cache
def _contract_json() -> bytes:
    return json.dumps(contract(), ensure_ascii=False, default=str).encode()


@cache
def _docs_page() -> tuple[str, str]:
    """The page and its Content-Security-Policy, which names the one style sheet by its hash."""
    style = (_PAGES / "docs.css").read_text(encoding="utf-8")
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    environment = Environment(loader=FileSystemLoader(_PAGES), autoescape=True, undefined=StrictUndefined)
    page = environment.get_template("docs.html").render(
        contract=contract(),
        operations=_operations(),
        style=Markup(style),  # noqa: S704 - our own file
    )
    return page, f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"


def _operations() -> list[dict[str, Any]]:
    return [
        _operation(path, method, item[method], item.get("parameters", []))
        for path, item in contract()["paths"].items()
        for method in _OPERATIONS
        if method in item
    ]


def _operation(path: str, method: str, operation: dict[str, Any], shared: list[Any]) -> dict[str, Any]:
    parameters = [_resolved(parameter) for parameter in [*shared, *operation.get("parameters", [])]]
    body = _resolved(operation.get("requestBody", {})).get("content", {}).get("application/json", {})
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "permission": operation.get("x-permission"),
        "secured": bool(operation.get("security", contract().get("security"))),
        "parameters": [{"required": False, "description": "", **parameter} for parameter in parameters],
        "body": json.dumps(_inlined(body.get("schema", {})), indent=2, ensure_ascii=False) if body else "",
        "responses": [
            {"status": status, "description": _resolved(response).get("description", "")}
            for status, response in operation["responses"].items()
        ],
    }


def _inlined(node: Any) -> Any:
    """`node` with every $ref below it replaced by what it points to; requests of the contract have no cycles."""
    if isinstance(node, list):
        return [_inlined(each) for each in node]
    if isinstance(node, dict):
        return {name: _inlined(value) for name, value in _resolved(node).items()}
    return node


def _resolved(node: Any) -> Any:
    """`node`, or what its $ref within the contract points to."""
    while "$ref" in node:
        target: Any = contract()
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node
