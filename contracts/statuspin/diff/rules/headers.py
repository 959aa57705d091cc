"""Rules for the headers of responses."""

from typing import Any

from statuspin.diff.operation_side import OPERATIONS, OperationSide
from statuspin.diff.rule import Change, Direction, RuleResult, Subschema
from statuspin.diff.rules.media import shared_statuses
from statuspin.diff.rules.members import compare_deprecated


@OPERATIONS.rule(
    "response-header-added",
    "response-header-deprecated",
    "response-header-undeprecated",
    "response-header-optional",
    "response-header-removed",
    "response-header-required",
    "response-header-style-changed",
)
def headers(old: OperationSide, new: OperationSide) -> RuleResult:
    """Report removed and added headers and those that became required or optional. Compare the others."""
    for before, after in shared_statuses(old, new):
        one, other = _headers(old, old.responses[before]), _headers(new, new.responses[after])
        for name in sorted(one.keys() | other.keys()):
            place = f"response {after if before == 'default' else before} · header {name}"
            first, second = one.get(name), other.get(name)
            if first is None or second is None:
                yield _report_one_sided(place, first, second)
            else:
                yield from _compare_headers(place, first, second)
                is_text = "content" not in first and "content" not in second
                yield Subschema(place, old.schema(first), new.schema(second), Direction.RESPONSE, is_text)


def _headers(side: OperationSide, response: dict[str, Any]) -> dict[str, dict[str, Any]]:
    headers = side.mapping(response.get("headers"))
    return {name.lower(): header for name, header in headers.items() if name.lower() != "content-type"}


def _report_one_sided(place: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> Change:
    rule = "response-header-added" if old is None else "response-header-removed"
    header = old or new or {}
    need = "always sent" if header.get("required") is True else "sent"
    return Change(rule, place, "not there" if old is None else need, "removed" if new is None else need)


def _compare_headers(place: str, old: dict[str, Any], new: dict[str, Any]) -> RuleResult:
    before, after = ("required" if each.get("required") is True else "optional" for each in (old, new))
    if before != after:
        yield Change(f"response-header-{after}", place, before, after)
    yield from compare_deprecated("response-header", place, old, new)
    before, after = (_style(each) for each in (old, new))
    if before != after:
        yield Change("response-header-style-changed", place, before, after)


def _style(header: dict[str, Any]) -> str:
    content = header.get("content")
    if isinstance(content, dict):
        return f"as {next(iter(content), 'nothing')}"
    return "exploded" if header.get("explode") is True else "not exploded"
