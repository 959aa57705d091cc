"""Operations: the headers of responses."""

from typing import Any

from statuspin.diff.changes import Below, Change, Direction, Said
from statuspin.diff.rules.media import answered_by_both
from statuspin.diff.sides import OPERATIONS, Side, schema_of


@OPERATIONS.rule(
    "response-header-added", "response-header-optional", "response-header-removed", "response-header-required"
)
def headers(old: Side, new: Side) -> Said:
    """Headers are gone, new, newly required or no longer; those that stay are compared."""
    for before, after in answered_by_both(old, new):
        one, other = _headers(old, old.responses[before]), _headers(new, new.responses[after])
        for name in sorted(one.keys() | other.keys()):
            place = f"response {after if before == 'default' else before} · header {name}"
            yield from _header(place, one.get(name), other.get(name))


def _headers(side: Side, response: dict[str, Any]) -> dict[str, dict[str, Any]]:
    headers = side.mapping(response.get("headers"))
    return {name.lower(): header for name, header in headers.items() if name.lower() != "content-type"}


def _header(place: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> Said:
    if old is None or new is None:
        rule = "response-header-added" if old is None else "response-header-removed"
        yield Change(rule, place, "not there" if old is None else "sent", "gone" if new is None else "sent")
        return
    before, after = ("required" if each.get("required") is True else "optional" for each in (old, new))
    if before != after:
        yield Change(f"response-header-{after}", place, before, after)
    yield Below(place, schema_of(old), schema_of(new), Direction.RESPONSE)
