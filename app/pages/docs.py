"""Render the page that documents the operations of the contract."""

import json
from typing import Any

from app.identity import demo_accounts
from app.openapi import contract
from app.pages.rendering import render

_METHODS = ("get", "post", "put", "patch", "delete")


def render_docs(*, offers_demo: bool) -> str:
    """Return the page. offers_demo: add buttons that get a token of a demo account."""
    accounts = (demo_accounts.USER, demo_accounts.ADMIN) if offers_demo else ()
    return render("docs.html", contract=contract(), operations=_describe_operations(), accounts=accounts)


def _describe_operations() -> list[dict[str, Any]]:
    return [
        _describe_operation(path, method, item[method], item.get("parameters", []))
        for path, item in contract()["paths"].items()
        for method in _METHODS
        if method in item
    ]


def _describe_operation(path: str, method: str, operation: dict[str, Any], shared: list[Any]) -> dict[str, Any]:
    """Return the template's values for one operation. shared: the parameters of all operations on the path."""
    parameters = [_resolve(parameter) for parameter in [*shared, *operation.get("parameters", [])]]
    body = _resolve(operation.get("requestBody", {})).get("content", {}).get("application/json", {})
    success = _resolve(operation["responses"].get("200", {}))
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "permission": operation.get("x-permission"),
        "secured": bool(operation.get("security", contract().get("security"))),
        "media_types": list(success.get("content", {})),
        "parameters": [_describe_parameter(parameter) for parameter in parameters],
        "body": _format_json(_inline(body.get("schema", {}))) if body else "",
        "examples": [(name, _format_json(_resolve(each)["value"])) for name, each in body.get("examples", {}).items()],
        "responses": [
            {"status": status, "description": _resolve(response).get("description", "")}
            for status, response in operation["responses"].items()
        ],
    }


def _describe_parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    schema = _resolve(parameter["schema"])
    return {
        "name": parameter["name"],
        "in": parameter["in"],
        "required": parameter.get("required", False),
        "description": parameter.get("description", ""),
        "choices": schema.get("enum", []),
        "hint": parameter.get("example", schema.get("default", "")),
    }


def _format_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _inline(node: Any) -> Any:
    """Replace every $ref below `node` by its target. The request schemas of the contract have no cycles."""
    if isinstance(node, list):
        return [_inline(each) for each in node]
    if isinstance(node, dict):
        return {name: _inline(value) for name, value in _resolve(node).items()}
    return node


def _resolve(node: Any) -> Any:
    """Return the target of the node's $ref within the contract, or the node itself if it has none."""
    while "$ref" in node:
        target: Any = contract()
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node
