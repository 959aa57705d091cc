"""The contract as the page of operations shows it."""

import json
from typing import Any

from app.identity import demo_accounts
from app.openapi import contract
from app.pages.rendering import rendered

_OPERATIONS = ("get", "post", "put", "patch", "delete")


def docs_page(*, offers_demo: bool) -> str:
    """The page of operations; with buttons that get a token where the demo accounts are there."""
    accounts = (demo_accounts.USER, demo_accounts.ADMIN) if offers_demo else ()
    return rendered("docs.html", contract=contract(), operations=_operations(), accounts=accounts)


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
    succeeded = _resolved(operation["responses"].get("200", {}))
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "permission": operation.get("x-permission"),
        "secured": bool(operation.get("security", contract().get("security"))),
        "forms": list(succeeded.get("content", {})),
        "parameters": [_parameter(parameter) for parameter in parameters],
        "body": _pretty(_inlined(body.get("schema", {}))) if body else "",
        "examples": [(name, _pretty(_resolved(each)["value"])) for name, each in body.get("examples", {}).items()],
        "responses": [
            {"status": status, "description": _resolved(response).get("description", "")}
            for status, response in operation["responses"].items()
        ],
    }


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    schema = _resolved(parameter["schema"])
    return {
        "name": parameter["name"],
        "in": parameter["in"],
        "required": parameter.get("required", False),
        "description": parameter.get("description", ""),
        "choices": schema.get("enum", []),
        "hint": parameter.get("example", schema.get("default", "")),
    }


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


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
