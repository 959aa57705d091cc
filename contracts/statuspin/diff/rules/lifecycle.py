"""Rules for the name, deprecation, sunset, stability and required permission of operations."""

from datetime import date

from statuspin.diff import wording
from statuspin.diff.matching import DOCUMENTS, DocumentRuleResult, Match
from statuspin.diff.operation_side import OPERATIONS, OperationSide
from statuspin.diff.rule import Change, RuleResult
from statuspin.diff.rules.operations import sunset_of
from statuspin.diff.schema.json_values import text_of

_PERMISSION = "x-permission"
_STABILITY = "x-stability-level"
_LEVELS = ("draft", "alpha", "beta", "stable")


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
    before, after = (side.operation.raw.get("deprecated") is True for side in (old, new))
    if before != after:
        texts = ("deprecated" if is_deprecated else "current" for is_deprecated in (before, after))
        yield Change("operation-deprecated" if after else "operation-undeprecated", "", *texts)


@OPERATIONS.rule("sunset-earlier", "sunset-removed")
def sunset(old: OperationSide, new: OperationSide) -> RuleResult:
    """Report a sunset that was removed, or that comes earlier."""
    before, after = sunset_of(old.operation), sunset_of(new.operation)
    if before is None or new.operation.raw.get("deprecated") is not True:
        return
    if after is None:
        yield Change("sunset-removed", "", before.isoformat(), "no date")
    elif after < before:
        yield Change("sunset-earlier", "", before.isoformat(), after.isoformat())


@DOCUMENTS.rule("sunset-too-soon")
def sunset_too_soon(match: Match) -> DocumentRuleResult:
    """Report newly deprecated operations whose sunset comes before the days of the policy."""
    if match.policy is None:
        return
    for old, new in match.both:
        if new.raw.get("deprecated") is True and old.raw.get("deprecated") is not True:
            end = sunset_of(new)
            if end is None or (end - match.policy.today).days < match.policy.days:
                needed = date.fromordinal(match.policy.today.toordinal() + match.policy.days)
                yield old.id, Change("sunset-too-soon", "", needed.isoformat(), str(end or "no date"))


@OPERATIONS.rule("stability-lowered", "stability-raised")
def stability(old: OperationSide, new: OperationSide) -> RuleResult:
    """Report a lower or higher x-stability-level. The default is stable."""
    before, after = (str(side.operation.raw.get(_STABILITY, "stable")) for side in (old, new))
    if before != after and before in _LEVELS and after in _LEVELS:
        is_lower = _LEVELS.index(after) < _LEVELS.index(before)
        yield Change("stability-lowered" if is_lower else "stability-raised", "", before, after)


@OPERATIONS.rule("operation-id-added", "operation-id-changed", "operation-id-removed")
def name(old: OperationSide, new: OperationSide) -> RuleResult:
    """Report another operationId, after which generated clients name their methods."""
    before, after = (side.operation.raw.get("operationId") for side in (old, new))
    if before != after:
        kind = "added" if before is None else "removed" if after is None else "changed"
        yield Change(f"operation-id-{kind}", "", *(str(each or "no operationId") for each in (before, after)))
