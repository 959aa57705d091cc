"""Match the operations of two documents."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from statuspin.contract.document import Document, Operation
from statuspin.diff.operation_side import find_received
from statuspin.diff.rule import Change, RuleSet
from statuspin.diff.schema.reader import SchemaReader

_Key = tuple[str, str]


@dataclass(frozen=True)
class DeprecationPolicy:
    """The rule for removing operations: after their sunset, at least `days` after their deprecation."""

    days: int
    today: date


@dataclass(frozen=True)
class Match:
    """The operations of two documents: those of both, and those of one only."""

    both: list[tuple[Operation, Operation]]
    removed: list[Operation]
    added: list[Operation]
    old: Document
    new: Document
    policy: DeprecationPolicy | None = None


DocumentRuleResult = Iterator[tuple[str, Change]]
DOCUMENTS: RuleSet[Callable[[Match], DocumentRuleResult]] = RuleSet()


def match_operations(old: Document, new: Document, policy: DeprecationPolicy | None = None) -> Match:
    """Match operations by method and path, else by method and effective URL. Names of path parameters are ignored."""
    left, right = _index_by_path(old), _index_by_path(new)
    both = [(operation, right[key]) for key, operation in left.items() if key in right]
    removed = [operation for key, operation in left.items() if key not in right]
    added = [operation for key, operation in right.items() if key not in left]
    if removed and added:
        moved = _find_moved(old, removed, new, added)
        both += moved
        removed = [each for each in removed if all(each is not before for before, _ in moved)]
        added = [each for each in added if all(each is not after for _, after in moved)]
    return Match(both, removed, added, old, new, policy)


def _index_by_path(document: Document) -> dict[_Key, Operation]:
    return {(each.method, each.bare_path): each for each in document.operations.values()}


def _find_moved(
    old: Document, removed: list[Operation], new: Document, added: list[Operation]
) -> list[tuple[Operation, Operation]]:
    """Return operations with another path and the same URL, because a prefix moved between `servers` and paths."""
    known = {(each.method, url): each for each in added for url in effective_urls(new, each)}
    found = []
    for operation in removed:
        keys = ((operation.method, url) for url in effective_urls(old, operation))
        after = next((known[key] for key in keys if key in known), None)
        if after is not None:
            found.append((operation, after))
    return found


def effective_urls(document: Document, operation: Operation) -> dict[str, str]:
    """Return the URLs of an operation, each with the address of its server."""
    return {f"{address}{operation.bare_path}": address for address in addresses(servers_of(document, operation))}


def servers_of(document: Document, operation: Operation) -> list[dict[str, Any]]:
    """Return the servers of the operation, else of its path, else of the document."""
    for holder in (operation.raw, operation.item, document.raw):
        if isinstance(holder.get("servers"), list) and holder["servers"]:
            return [each for each in holder["servers"] if isinstance(each, dict)]
    return []


def addresses(servers: list[dict[str, Any]]) -> list[str]:
    """Return the URLs of servers without a final slash. Without a server, the URL is `/`."""
    return [str(each.get("url", "")).rstrip("/") for each in servers] or [""]


def find_webhooks(reader: SchemaReader) -> dict[tuple[str, str], Any]:
    """Return the webhooks of a document by name and method."""
    hooks = reader.document.raw.get("webhooks")
    named = hooks.items() if isinstance(hooks, dict) else ()
    return {
        (str(name), side.operation.method): side
        for name, raw in named
        if isinstance(item := reader.document.resolve(raw), dict)
        for side in find_received(reader, str(name), item)
    }
