"""Operations: the statuses of their responses."""

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
    """Statuses are gone, new, or one stands for another; `4XX` and `default` count for the statuses they cover."""
    gone = [
        each for each in sorted(old.responses) if not find_response(new.responses, each) and not _is_split(each, new)
    ]
    fresh = [each for each in sorted(new.responses) if not find_response(old.responses, each)]
    for before, after in _exchanged(gone, fresh):
        yield Change(f"{_kind(before)}-status-exchanged", f"response {before}", before, after)
        gone.remove(before)
        fresh.remove(after)
    for status in gone:
        rule = "default-response-removed" if status == "default" else f"{_kind(status)}-status-removed"
        yield Change(rule, f"response {status}", status, "gone")
    for status in fresh:
        rule = "not-acceptable-added" if status == _NOT_ACCEPTABLE else f"{_kind(status)}-status-added"
        yield Change(rule, f"response {status}", "not there", status)
    yield from _no_longer_named(old, new)


def _no_longer_named(old: OperationSide, new: OperationSide) -> RuleResult:
    """A status has lost its own response, and only a range or `default` covers it."""
    for status in sorted(old.responses):
        after = find_response(new.responses, status)
        if after is not None and after != status and not _is_split(status, new):
            yield Change(f"{_kind(status)}-status-no-longer-named", f"response {status}", status, after)


def _is_split(status: str, side: OperationSide) -> bool:
    """Whether `status` is a range, and `side` says which statuses of that range there are."""
    return status.endswith("XX") and any(each[:1] == status[:1] for each in side.responses)


def _kind(status: str) -> str:
    return "success" if status[:1] in {"1", "2", "3"} else "error"


def _exchanged(gone: list[str], fresh: list[str]) -> list[tuple[str, str]]:
    """Pairs of one class, in order; the others are gone or new."""
    pairs = []
    for kind in "12345":
        before, after = ([each for each in side if each.startswith(kind)] for side in (gone, fresh))
        pairs += list(zip(before, after, strict=False))
    return pairs
