"""Refusals in the order in which they are looked for, per operation: what pins.yaml promises, for people."""

from collections.abc import Iterable
from typing import Any

from app.openapi import contract, pins
from app.pages.rendering import rendered

PLACES: tuple[tuple[str, ...], ...] = (
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
"""The messages of refusals, first to last. Those of one place exclude each other, or are looked for together."""

_RANK = {message: rank for rank, place in enumerate(PLACES) for message in place}
_VALID, _AS_IT_IS, _ANY, _STATELESS = "valid", "as it is", "any", "-"


def refusals_page() -> str:
    """The page. Raises OSError where the installation lacks pins.yaml."""
    return rendered(
        "refusals.html",
        contract=contract(),
        operations=refusals(),
        actors=_described(pins()["actors"]),
        states=_described(pins()["givens"]),
        modes=_described(pins()["subject"]["modes"]),
    )


def refusals() -> list[dict[str, Any]]:
    """Every operation with its refusals, first to last.

    An operation has `id`, `method`, `path` and `refusals`; a refusal `place` (from 1; equal where the order of two
    does not matter), `status`, `message`, `conditions` and `asks_database`: None where no pin counts its statements.
    A condition has `who`, `states`, `inputs` and `modes`, each a list of names. Races are left out: they refuse by
    what somebody else did. Raises KeyError for a message that PLACES does not have.
    """
    lines = {
        operation["operationId"]: (method.upper(), path)
        for path, item in contract()["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict)
    }
    return [
        {"id": name, "method": lines[name][0], "path": lines[name][1], "refusals": _of_operation(told["rows"])}
        for name, told in pins()["pins"].items()
    ]


def _of_operation(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    refusing = [row for row in rows if (row.get("answer") or 0) >= 400]
    found: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for row in refusing:
        found.setdefault((row["answer"], _message(row, refusing)), []).append(row)
    in_order = sorted(found, key=lambda refusal: (_RANK[refusal[1]], refusal[0]))
    places = sorted({_RANK[message] for _, message in in_order})
    return [
        {
            "place": places.index(_RANK[message]) + 1,
            "status": status,
            "message": message,
            "asks_database": _asks_database(found[status, message]),
            "conditions": _conditions(found[status, message]),
        }
        for status, message in in_order
    ]


def _message(row: dict[str, Any], refusing: Iterable[dict[str, Any]]) -> str:
    """The row's message; where it says none (a HEAD has no body), that of its neighbour with this status and actor."""
    if row.get("message"):
        return str(row["message"])
    alike = [each for each in refusing if each["answer"] == row["answer"] and each.get("message")]
    for each in alike:
        if set(_names(row["actor"])) & set(_names(each["actor"])):
            return str(each["message"])
    return str(alike[0]["message"])


def _asks_database(rows: Iterable[dict[str, Any]]) -> bool | None:
    counted = [row["statements"] for row in rows if "statements" in row]
    return any(counted) if counted else None


def _conditions(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What leads to a refusal; rows that differ in their input alone are one condition."""
    merged: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for row in rows:
        states = _besides(row.get("state", _ANY), _ANY, _STATELESS)
        modes = _besides(row.get("mode", _AS_IT_IS), _AS_IT_IS)
        inputs = merged.setdefault((_names(row["actor"]), states, modes), [])
        inputs.extend(_besides(row.get("input", _VALID), _VALID))
    return [
        {"who": who, "states": states, "modes": modes, "inputs": inputs}
        for (who, states, modes), inputs in merged.items()
    ]


def _names(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _besides(value: str | list[str], *unsaid: str) -> tuple[str, ...]:
    return tuple(name for name in _names(value) if name not in unsaid)


def _described(named: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
    return [(name, each.get("description", "")) for name, each in named.items()]
