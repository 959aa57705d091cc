"""Rules for removed and added operations and paths."""

from collections import Counter
from datetime import date

from statuspin.contract.document import Document, Operation
from statuspin.diff.matching import DOCUMENTS, DocumentRuleResult, Match
from statuspin.diff.rule import Change
from statuspin.diff.rules.lifecycle import sunset_of


@DOCUMENTS.rule("operation-removed", "operation-removed-after-sunset", "path-removed")
def removed_operations(match: Match) -> DocumentRuleResult:
    """Report removed operations and paths."""
    paths = {operation.bare_path for operation in match.new.operations.values()}
    for operation in match.removed:
        rule = "operation-removed" if operation.bare_path in paths else "path-removed"
        if match.policy is not None and _is_past_sunset(operation, match.policy.today):
            rule = "operation-removed-after-sunset"
        yield operation.id, Change(rule, "", operation.label, "removed")


def _is_past_sunset(operation: Operation, today: date) -> bool:
    sunset = sunset_of(operation.raw)
    return operation.raw.get("deprecated") is True and sunset is not None and sunset <= today


@DOCUMENTS.rule("operation-added")
def added_operations(match: Match) -> DocumentRuleResult:
    """Report added operations."""
    for operation in match.added:
        yield operation.id, Change("operation-added", "", "not there", operation.label)


@DOCUMENTS.rule("operation-id-duplicated")
def duplicated_names(match: Match) -> DocumentRuleResult:
    """Report an operationId that several operations have."""
    old, new = _counts(match.old), _counts(match.new)
    for name in sorted(name for name, count in new.items() if count > max(1, old[name])):
        yield name, Change("operation-id-duplicated", "", str(old[name]), str(new[name]))


def _counts(document: Document) -> Counter[str]:
    return Counter(str(each.raw["operationId"]) for each in document.operations.values() if "operationId" in each.raw)
