"""Rules for the statuses of responses."""

from statuspin.contract.document import find_response
from statuspin.diff.operation_side import OPERATIONS, OperationSide
from statuspin.diff.rule import Change, RuleResult

_NOT_ACCEPTABLE = "406"


@OPERATIONS.rule(
    "default-response-removed",
    "error-status-added",
    "error-status-exchanged",
    "error-status-no-longer-named",
    "error-status-removed",
    "not-acceptable-added",
    "success-status-added",
    "success-status-exchanged",
    "success-status-no-longer-named",
    "success-status-removed",
)
def statuses(old: OperationSide, new: OperationSide) -> RuleResult:
    """Report removed, added and replaced statuses. `4XX` and `default` count for the statuses that they cover."""
    gone = [
        each for each in sorted(old.responses) if not find_response(new.responses, each) and not _is_split(each, new)
    ]
    fresh = [each for each in sorted(new.responses) if not find_response(old.responses, each)]
    for before, after in _pair_replaced(gone, fresh):
        yield Change(f"{_kind(before)}-status-exchanged", f"response {before}", before, after)
        gone.remove(before)
        fresh.remove(after)
    for status in gone:
        rule = "default-response-removed" if status == "default" else f"{_kind(status)}-status-removed"
        yield Change(rule, f"response {status}", status, "removed")
    for status in fresh:
        rule = "not-acceptable-added" if status == _NOT_ACCEPTABLE else f"{_kind(status)}-status-added"
        yield Change(rule, f"response {status}", "not there", status)
    yield from _no_longer_named(old, new)


def _no_longer_named(old: OperationSide, new: OperationSide) -> RuleResult:
    """Report statuses that lost their own response and that only a range or `default` covers."""
    for status in sorted(old.responses):
        after = find_response(new.responses, status)
        if after is not None and after != status and not _is_split(status, new):
            yield Change(f"{_kind(status)}-status-no-longer-named", f"response {status}", status, after)


def _is_split(status: str, side: OperationSide) -> bool:
    """Return whether `status` is a range of which `side` names single statuses."""
    return status.endswith("XX") and any(each[:1] == status[:1] for each in side.responses)


def _kind(status: str) -> str:
    return "success" if status[:1] in {"1", "2", "3"} else "error"


def _pair_replaced(gone: list[str], fresh: list[str]) -> list[tuple[str, str]]:
    """Return pairs of one class, in order. The others are removed or added."""
    pairs = []
    for kind in "12345":
        before, after = ([each for each in side if each.startswith(kind)] for side in (gone, fresh))
        pairs += list(zip(before, after, strict=False))
    return pairs
