"""Render the error responses of each operation in order of precedence, as the pins of the contract state them."""

from collections.abc import Iterable
from typing import Any

from app.openapi import contract, pins
from app.pages.conditions import describe_conditions
from app.pages.rendering import render

PRECEDENCE: tuple[tuple[str, ...], ...] = (
    ("Not found",),
    ("Method not allowed",),
    ("Authentication required", "Token expired", "Invalid token", "Authentication service unavailable"),
    ("Insufficient permissions",),
    ("Not acceptable",),
    ("Request body too large", "Unsupported media type"),
    ("Validation error",),
    ("Too many attempts",),
    ("Service temporarily unavailable",),
    ("Invalid credentials",),
    ("Interview not found",),
    ("Access denied",),
    ("Idempotency key was used before",),
    ("Interview is not in progress", "Question is not open"),
    ("Interviewer unavailable",),
    ("Not ready",),
)
"""The messages of error responses in the order of the checks. Those of one step share a check or exclude each other."""

_RANK = {message: rank for rank, step in enumerate(PRECEDENCE) for message in step}
_VALID, _DEFAULT_MODE, _ANY, _STATELESS = "valid", "as it is", "any", "-"


def render_error_responses() -> str:
    """Return the page. Raises OSError if the installation lacks pins.yaml."""
    return render(
        "error_responses.html",
        contract=contract(),
        operations=[_describe_operation(each) for each in list_error_responses()],
        modes=[(name, each["description"]) for name, each in pins()["service"]["modes"].items()],
    )


def _describe_operation(operation: dict[str, Any]) -> dict[str, Any]:
    """Return an operation with the conditions of its error responses in words."""
    path_item = contract()["paths"][operation["path"]]
    permission = path_item[operation["method"].lower()].get("x-permission")
    errors = [
        {**each, "conditions": describe_conditions(each["conditions"], permission)}
        for each in operation["error_responses"]
    ]
    return {**operation, "error_responses": errors}


def list_error_responses() -> list[dict[str, Any]]:
    """Return every operation with its error responses in order of precedence.

    An operation has `id`, `method`, `path` and `error_responses`. An error response has `step` (counted from 1, equal
    if the order of two does not matter), `status`, `message`, `conditions` and `queries_database` (None if no pin
    counts its statements). A condition has `actors`, `states`, `inputs` and `modes`, each a list of names.

    Races are omitted, because they depend on a concurrent request. Raises KeyError if PRECEDENCE lacks a message.
    """
    operations = {
        operation["operationId"]: (method.upper(), path)
        for path, item in contract()["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict)
    }
    return [
        {
            "id": name,
            "method": operations[name][0],
            "path": operations[name][1],
            "error_responses": _describe_errors(operation["rows"]),
        }
        for name, operation in pins()["pins"].items()
    ]


def _describe_errors(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    error_rows = [row for row in rows if (row.get("answer") or 0) >= 400]
    groups: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for row in error_rows:
        groups.setdefault((row["answer"], _find_message(row, error_rows)), []).append(row)
    keys = sorted(groups, key=lambda key: (_RANK[key[1]], key[0]))
    steps = sorted({_RANK[message] for _, message in keys})
    return [
        {
            "step": steps.index(_RANK[message]) + 1,
            "status": status,
            "message": message,
            "queries_database": _queries_database(groups[status, message]),
            "conditions": _merge_conditions(groups[status, message]),
        }
        for status, message in keys
    ]


def _find_message(row: dict[str, Any], error_rows: Iterable[dict[str, Any]]) -> str:
    """Return the row's message. A row without one (HEAD has no body) takes that of a row with its status and actor."""
    if row.get("message"):
        return str(row["message"])
    candidates = [each for each in error_rows if each["answer"] == row["answer"] and each.get("message")]
    for each in candidates:
        if set(_names(row["actor"])) & set(_names(each["actor"])):
            return str(each["message"])
    return str(candidates[0]["message"])


def _queries_database(rows: Iterable[dict[str, Any]]) -> bool | None:
    counts = [row["statements"] for row in rows if "statements" in row]
    return any(counts) if counts else None


def _merge_conditions(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the conditions of an error response. Rows that differ only in their input become one condition."""
    merged: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for row in rows:
        states = _names_except(row.get("state", _ANY), _ANY, _STATELESS)
        modes = _names_except(row.get("mode", _DEFAULT_MODE), _DEFAULT_MODE)
        inputs = merged.setdefault((_names(row["actor"]), states, modes), [])
        inputs.extend(_names_except(row.get("input", _VALID), _VALID))
    return [
        {"actors": actors, "states": states, "modes": modes, "inputs": inputs}
        for (actors, states, modes), inputs in merged.items()
    ]


def _names(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _names_except(value: str | list[str], *defaults: str) -> tuple[str, ...]:
    return tuple(name for name in _names(value) if name not in defaults)
