"""Describe the conditions of error responses for readers who do not know the names in the pins."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

_NO_TOKEN, _INVALID, _READ_ALL, _COLLEAGUE = (
    "no bearer token",
    "an invalid token",
    "a colleague with `interviews:read_all`",
    "a colleague",
)

CALLERS = {
    "anonymous": _NO_TOKEN,
    "blank": _NO_TOKEN,
    "another scheme": _NO_TOKEN,
    "malformed": _INVALID,
    "forged": _INVALID,
    "unsigned": _INVALID,
    "other audience": _INVALID,
    "another issuer": _INVALID,
    "not yet valid": _INVALID,
    "not before": _INVALID,
    "unknown key": _INVALID,
    "other audiences": _INVALID,
    "no employee": _INVALID,
    "several audiences": "a token for several services",
    "expired": "an expired token",
    "owner": "the owner",
    "moved": "the owner with a token of another organization",
    "colleague": _COLLEAGUE,
    "newcomer": _COLLEAGUE,
    "archivist": _COLLEAGUE,
    "manager": _READ_ALL,
    "admin": _READ_ALL,
    "foreign admin": "an admin of another organization",
    "without create": "a token without `interviews:create`",
    "without read": "a token without `interviews:read`",
    "without read_all": "a token without `interviews:read_all`",
    "without update": "a token without `interviews:update`",
    "without delete": "a token without `interviews:delete`",
    "without export": "a token without `interviews:export`",
}
"""What each actor of the pins is for the reader."""

STATES = {
    "missing": "no interview has the id",
    "in progress": "interview in progress",
    "completed": "interview completed",
    "cancelled": "interview cancelled",
    "of a colleague with the right": "interview of a colleague",
    "three interviews": "",
}
"""What each state of the pins is for the reader. A list exists in every state."""

_ORDINARY_MODES = {"known processes"}
"""Modes that repeat conditions of the service without a mode. Conditions in them are left out."""

_EVERY_KIND = {"owner", "colleague", "manager", "admin", "foreign admin"}


def describe_conditions(conditions: Iterable[dict[str, Any]], permission: str | None) -> list[dict[str, Any]]:
    """Return conditions as `text` and `inputs`. Those that read the same become one, for any input if one of them is.

    permission: the permission of the operation, or None. Raises KeyError if an actor or a state has no description.
    """
    merged: dict[str, list[list[str]]] = {}
    for condition in conditions:
        if _ORDINARY_MODES.issuperset(condition["modes"]) and condition["modes"]:
            continue
        states = [STATES[state] for state in condition["states"]]
        parts = [_describe_callers(condition["actors"], permission), _join(states), _join(condition["modes"])]
        merged.setdefault("; ".join(filter(None, parts)), []).append(condition["inputs"])
    return [
        {"text": text, "inputs": list(dict.fromkeys(chain(*inputs))) if all(inputs) else []}
        for text, inputs in merged.items()
    ]


def _describe_callers(actors: Sequence[str], permission: str | None) -> str:
    """Return the kinds of callers. A missing permission that the operation does not need makes no kind of its own."""
    if set(actors) >= _EVERY_KIND:
        return f"every caller with `{permission}`" if permission else "every caller"
    kinds = [each for each in actors if not (each.startswith("without ") and _is_irrelevant(each, actors))]
    return _join(CALLERS[actor] for actor in kinds)


def _is_irrelevant(actor: str, actors: Sequence[str]) -> bool:
    return ("colleague" if actor == "without read_all" else "admin") in actors


def _join(parts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(filter(None, parts)))
