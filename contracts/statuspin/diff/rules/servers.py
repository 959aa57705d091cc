"""Rules for the addresses of servers, on every level of a document."""

from collections.abc import Iterator
from typing import Any

from statuspin.contract.document import Document, Operation
from statuspin.diff import wording
from statuspin.diff.matching import DOCUMENTS, DocumentRuleResult, Match, addresses, effective_urls, servers_of
from statuspin.diff.rule import Change

_PLACE = "servers"


@DOCUMENTS.rule("server-added", "server-removed")
def servers(match: Match) -> DocumentRuleResult:
    """Report removed and added URLs of operations, only once if the document's servers changed."""
    reported: set[tuple[str, Change]] = set()
    for old, new in match.both:
        before, after = effective_urls(match.old, old), effective_urls(match.new, new)
        name = "" if _is_of_document(old) and _is_of_document(new) else old.id
        reported.update(
            (name, Change("server-removed", _PLACE, before[url] or "/", "removed")) for url in before.keys() - after
        )
        reported.update(
            (name, Change("server-added", _PLACE, "not there", after[url] or "/")) for url in after.keys() - before
        )
    if not match.both:
        reported.update(_compare_documents(match.old, match.new))
    yield from sorted(reported, key=repr)


def _is_of_document(operation: Operation) -> bool:
    return not (operation.raw.get("servers") or operation.item.get("servers"))


def _compare_documents(old: Document, new: Document) -> Iterator[tuple[str, Change]]:
    before, after = (set(addresses(document.raw.get("servers") or [])) for document in (old, new))
    for address in before - after:
        yield "", Change("server-removed", _PLACE, address or "/", "removed")
    for address in after - before:
        yield "", Change("server-added", _PLACE, "not there", address or "/")


@DOCUMENTS.rule("server-variable-default-changed", "server-variable-narrowed", "server-variable-widened")
def variables(match: Match) -> DocumentRuleResult:
    """Report server variables with another default, fewer values or more values."""
    reported: dict[tuple[str, Change], None] = {}
    pairs = [("", match.old.raw.get("servers"), match.new.raw.get("servers"))]
    pairs += [
        (old.id, servers_of(match.old, old), servers_of(match.new, new))
        for old, new in match.both
        if not (_is_of_document(old) and _is_of_document(new))
    ]
    for name, before, after in pairs:
        known = {str(each.get("url")): each for each in _objects(after)}
        for server in _objects(before):
            if str(server.get("url")) in known:
                changes = _variable_changes(server, known[str(server.get("url"))])
                reported |= {(name, change): None for change in changes}
    yield from reported


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _variable_changes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    before, after = (_mapping(server.get("variables")) for server in (old, new))
    for name in sorted(before.keys() & after.keys()):
        place = f"server variable {name}"
        one, other = before[name], after[name]
        if one.get("default") != other.get("default"):
            yield Change("server-variable-default-changed", place, str(one.get("default")), str(other.get("default")))
        yield from _enum_changes(place, one.get("enum"), other.get("enum"))


def _enum_changes(place: str, old: Any, new: Any) -> Iterator[Change]:
    before, after = (set(map(str, each)) if isinstance(each, list) else None for each in (old, new))
    texts = tuple("any value" if each is None else wording.names(each) for each in (before, after))
    if after is not None and (before is None or before - after):
        yield Change("server-variable-narrowed", place, *texts)
    elif before is not None and before != after:
        yield Change("server-variable-widened", place, *texts)


def _mapping(value: Any) -> dict[str, dict[str, Any]]:
    return {name: each for name, each in value.items() if isinstance(each, dict)} if isinstance(value, dict) else {}
