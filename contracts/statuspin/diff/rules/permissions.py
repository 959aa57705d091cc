"""Operations: deprecation, their name, and the permission that they ask for."""

from statuspin.diff import words
from statuspin.diff.changes import Change, Said
from statuspin.diff.shape import text_of
from statuspin.diff.sides import OPERATIONS, Side

_PERMISSION = "x-permission"


@OPERATIONS.rule("permission-changed", "permission-removed")
def permission(old: Side, new: Side) -> Said:
    """A caller needs another permission, or none."""
    before, after = (side.operation.raw.get(_PERMISSION) for side in (old, new))
    if text_of(before) == text_of(after):
        return
    rule = "permission-removed" if after is None else "permission-changed"
    texts = ["no permission" if each is None else words.short(str(each)) for each in (before, after)]
    yield Change(rule, "", *texts)


@OPERATIONS.rule("operation-deprecated")
def deprecated(old: Side, new: Side) -> Said:
    """An operation is newly deprecated."""
    if new.operation.raw.get("deprecated") is True and old.operation.raw.get("deprecated") is not True:
        yield Change("operation-deprecated", "", "current", "deprecated")


@OPERATIONS.rule("operation-id-changed")
def name(old: Side, new: Side) -> Said:
    """Generated clients call the operation by another name."""
    before, after = (side.operation.raw.get("operationId") for side in (old, new))
    if before is not None and before != after:
        yield Change("operation-id-changed", "", str(before), str(after or "no operationId"))
