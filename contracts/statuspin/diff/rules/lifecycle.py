"""Rules for the name, deprecation, sunset, stability and required permission of operations.

Parameters and members may state a sunset and a stability as well.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from statuspin.diff import wording
from statuspin.diff.matching import DOCUMENTS, DocumentRuleResult, Match
from statuspin.diff.operation_side import OPERATIONS, OperationSide
from statuspin.diff.pairs import UNIONS, SchemaPair
from statuspin.diff.rule import Change, Direction, RuleResult
from statuspin.diff.rules.members import compare_deprecated
from statuspin.diff.rules.parameters import PARAMETERS, ParameterPair
from statuspin.diff.schema.json_values import text_of

_PERMISSION = "x-permission"
_SUNSET = "x-sunset"
_STABILITY = "x-stability-level"
_LEVELS = ("draft", "alpha", "beta", "stable")
_KINDS = ("sunset-earlier", "sunset-removed", "stability-lowered", "stability-raised")


@OPERATIONS.rule("permission-changed", "permission-removed")
def permission(old: OperationSide, new: OperationSide) -> RuleResult:
    """Report another required permission, or none."""
    before, after = (side.operation.raw.get(_PERMISSION) for side in (old, new))
    if text_of(before) == text_of(after):
        return
    rule = "permission-removed" if after is None else "permission-changed"
    texts = ["no permission" if each is None else wording.short(str(each)) for each in (before, after)]
    yield Change(rule, "", *texts)


@OPERATIONS.rule("operation-deprecated", "operation-undeprecated")
def deprecated(old: OperationSide, new: OperationSide) -> RuleResult:
    """Report operations that became deprecated, or no longer are."""
    yield from compare_deprecated("operation", "", old.operation.raw, new.operation.raw)


@OPERATIONS.rule("sunset-earlier", "sunset-removed", "stability-lowered", "stability-raised")
def promises(old: OperationSide, new: OperationSide) -> RuleResult:
    """Report another sunset or stability of an operation."""
    yield from compare_promises("", "", old.operation.raw, new.operation.raw)


@PARAMETERS.rule(*(f"parameter-{kind}" for kind in _KINDS))
def promises_of_parameter(pair: ParameterPair) -> RuleResult:
    """Report another sunset or stability of a parameter."""
    yield from compare_promises("parameter-", pair.place, pair.old, pair.new)


@UNIONS.rule(*(f"{way}-property-{kind}" for way in Direction for kind in _KINDS))
def promises_of_member(pair: SchemaPair) -> RuleResult:
    """Report another sunset or stability of a member."""
    old, new = (schema.promises | {"deprecated": schema.deprecated} for schema in (pair.old, pair.new))
    yield from compare_promises(f"{pair.direction}-property-", "", old, new)


def compare_promises(start: str, at: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> RuleResult:
    """Report a sunset that was removed or comes earlier, and another x-stability-level, which is stable by default.

    start: the start of the rules' names.
    """
    before, after = sunset_of(old), sunset_of(new)
    if before is not None and new.get("deprecated") is True:
        if after is None:
            yield Change(f"{start}sunset-removed", at, before.isoformat(), "no date")
        elif after < before:
            yield Change(f"{start}sunset-earlier", at, before.isoformat(), after.isoformat())
    one, other = (str(each.get(_STABILITY, "stable")) for each in (old, new))
    if one != other and one in _LEVELS and other in _LEVELS:
        is_lower = _LEVELS.index(other) < _LEVELS.index(one)
        yield Change(f"{start}stability-{'lowered' if is_lower else 'raised'}", at, one, other)


def sunset_of(stated: Mapping[str, Any]) -> date | None:
    """Return the date of x-sunset, or None if it is missing or invalid."""
    try:
        return date.fromisoformat(str(stated.get(_SUNSET, ""))[:10])
    except ValueError:
        return None


@DOCUMENTS.rule("sunset-too-soon")
def sunset_too_soon(match: Match) -> DocumentRuleResult:
    """Report newly deprecated operations whose sunset comes before the days of the policy."""
    if match.policy is None:
        return
    for old, new in match.both:
        if new.raw.get("deprecated") is True and old.raw.get("deprecated") is not True:
            end = sunset_of(new.raw)
            if end is None or (end - match.policy.today).days < match.policy.days:
                needed = date.fromordinal(match.policy.today.toordinal() + match.policy.days)
                yield old.id, Change("sunset-too-soon", "", needed.isoformat(), str(end or "no date"))


@OPERATIONS.rule("operation-id-added", "operation-id-changed", "operation-id-removed")
def name(old: OperationSide, new: OperationSide) -> RuleResult:
    """Report another operationId, after which generated clients name their methods."""
    before, after = (side.operation.raw.get("operationId") for side in (old, new))
    if before != after:
        kind = "added" if before is None else "removed" if after is None else "changed"
        yield Change(f"operation-id-{kind}", "", *(str(each or "no operationId") for each in (before, after)))
