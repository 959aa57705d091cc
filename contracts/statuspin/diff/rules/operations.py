"""Documents: operations and paths that are gone or new, and servers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from statuspin.contract.document import Document, Operation
from statuspin.diff.changes import Change, Group


@dataclass(frozen=True)
class Match:
    """The operations of two documents: those of both, and those of one alone."""

    both: list[tuple[Operation, Operation]]
    gone: list[Operation]
    fresh: list[Operation]
    old: Document
    new: Document


Said = Iterator[tuple[str, Change]]
DOCUMENTS: Group[Callable[[Match], Said]] = Group()


def matched(old: Document, new: Document) -> Match:
    """Operations go by method and path; the names of path parameters do not matter."""
    left, right = _by_key(old), _by_key(new)
    return Match(
        [(operation, right[key]) for key, operation in left.items() if key in right],
        [operation for key, operation in left.items() if key not in right],
        [operation for key, operation in right.items() if key not in left],
        old,
        new,
    )


def _by_key(document: Document) -> dict[tuple[str, str], Operation]:
    return {(each.method, each.bare_path): each for each in document.operations.values()}


@DOCUMENTS.rule("operation-removed", "path-removed")
def gone(match: Match) -> Said:
    """An operation is gone, alone or with its whole path."""
    paths = {operation.bare_path for operation in match.new.operations.values()}
    for operation in match.gone:
        rule = "operation-removed" if operation.bare_path in paths else "path-removed"
        yield operation.id, Change(rule, "", operation.label, "gone")


@DOCUMENTS.rule("operation-added")
def fresh(match: Match) -> Said:
    """An operation is new."""
    for operation in match.fresh:
        yield operation.id, Change("operation-added", "", "not there", operation.label)


@DOCUMENTS.rule("server-added", "server-removed")
def servers(match: Match) -> Said:
    """A server's address is gone or new."""
    old, new = _servers(match.old), _servers(match.new)
    for address in sorted(old - new):
        yield "", Change("server-removed", "servers", address, "gone")
    for address in sorted(new - old):
        yield "", Change("server-added", "servers", "not there", address)


def _servers(document: Document) -> set[str]:
    servers = document.raw.get("servers")
    listed = servers if isinstance(servers, list) else []
    return {str(each["url"]).rstrip("/") for each in listed if isinstance(each, dict) and "url" in each}
