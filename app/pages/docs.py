"""Render the page that documents the operations of the contract."""

import json
from typing import Any

from app.identity import demo_accounts
from app.openapi import contract
from app.pages.members import list_members, resolve
from app.pages.rendering import render

_METHODS = ("get", "post", "put", "patch", "delete")
_JSON = "application/json"


def render_docs(*, offers_login: bool, offers_demo: bool) -> str:
    """Return the page. offers_login: with a login for a token. offers_demo: also with buttons for the demo accounts."""
    return render(
        "docs.html",
        contract=contract(),
        groups=_describe_groups(),
        error_members=list_members(contract()["components"]["schemas"]["Failure"]),
        offers_login=offers_login,
        accounts=(demo_accounts.USER, demo_accounts.ADMIN) if offers_demo else (),
    )


def _describe_groups() -> list[dict[str, Any]]:
    """Return the tags of the contract, each with its operations."""
    operations = [
        (item[method]["tags"], _describe_operation(path, method, item[method], item.get("parameters", [])))
        for path, item in contract()["paths"].items()
        for method in _METHODS
        if method in item
    ]
    return [
        {**tag, "operations": [operation for tags, operation in operations if tag["name"] in tags]}
        for tag in contract()["tags"]
    ]


def _describe_operation(path: str, method: str, operation: dict[str, Any], shared: list[Any]) -> dict[str, Any]:
    """Return the template's values for one operation. shared: the parameters of all operations on the path."""
    parameters = [resolve(parameter) for parameter in [*shared, *operation.get("parameters", [])]]
    body = resolve(operation.get("requestBody", {})).get("content", {}).get(_JSON, {})
    success = resolve(operation["responses"].get("200", {}))
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
        "members": list_members(body.get("schema", {})) if body else [],
        "examples": _describe_examples(body),
        "responses": [_describe_response(status, each) for status, each in operation["responses"].items()],
    }


def _describe_parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    schema = resolve(parameter["schema"])
    return {
        "name": parameter["name"],
        "in": parameter["in"],
        "required": parameter.get("required", False),
        "description": parameter.get("description", ""),
        "choices": schema.get("enum", []),
        "hint": parameter.get("example", schema.get("default", "")),
    }


def _describe_response(status: str, response: dict[str, Any]) -> dict[str, Any]:
    """Return the template's values for one response: its examples by media type, and the members of a success."""
    response = resolve(response)
    content = response.get("content", {})
    is_success = status.startswith("2")
    return {
        "status": status,
        "is_success": is_success,
        "description": response.get("description", ""),
        "members": list_members(content[_JSON].get("schema", {})) if is_success and _JSON in content else [],
        "examples": [
            (media_type, name, text) for media_type, each in content.items() for name, text in _describe_examples(each)
        ],
    }


def _describe_examples(content: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the name and the text of each example of a body."""
    return [(name, _format(resolve(each)["value"])) for name, each in content.get("examples", {}).items()]


def _format(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, default=str)
