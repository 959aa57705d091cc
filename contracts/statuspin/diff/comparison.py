"""Compare two documents. Rules find the changes, and findings report them for operations."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from statuspin.contract.document import Document
from statuspin.diff import rules as _rules  # noqa: F401 - declares the rules
from statuspin.diff.exchanges import Exchange, exchanges
from statuspin.diff.graph import SchemaGraph
from statuspin.diff.matching import DOCUMENTS, DeprecationPolicy, match_operations
from statuspin.diff.operation_side import OPERATIONS
from statuspin.diff.pairs import SchemaPair
from statuspin.diff.rule import Change, RuleResult, Subschema
from statuspin.diff.rules.received import reverse_change
from statuspin.diff.schema.reader import SchemaReader
from statuspin.diff.severities import Severities
from statuspin.diff.unread import find_not_compared
from statuspin.diff.witness.witnesses import USUAL_WITNESS_MS, Witnesses
from statuspin.findings import Finding, NotCompared


@dataclass(frozen=True)
class _Root:
    """A place of an operation that has a pair of schemas."""

    operation: str
    place: str
    pair: SchemaPair


@dataclass(frozen=True)
class Comparison:
    """The changes for clients, and the differences that no rule judges, both in a fixed order."""

    findings: list[Finding]
    not_compared: list[NotCompared]


def compare(
    old: Document,
    new: Document,
    severities: Severities | None = None,
    *,
    policy: DeprecationPolicy | None = None,
    witness_ms: int = USUAL_WITNESS_MS,
) -> Comparison:
    """Compare two documents from the view of clients. Each finding is reported once per operation and place.

    severities: the severities of rules, by default the usual ones. policy: when deprecated operations may be removed.
    witness_ms: the CPU time, in milliseconds, to search for values that prove findings; 0 disables the search.
    """
    severities = severities or Severities.usual()
    match = match_operations(old, new, policy)
    readers = SchemaReader(old), SchemaReader(new)
    graph, roots = SchemaGraph(*readers), []
    findings = [severities.finding(name, change.at, change) for rule in DOCUMENTS.rules for name, change in rule(match)]
    listed = [each for each in exchanges(match, *readers) if not _is_unchanged(each, graph)]
    for exchange in listed:
        for result in _apply_rules(exchange):
            place = " · ".join(part for part in (exchange.prefix, result.at) if part)
            if isinstance(result, Change):
                findings.append(severities.finding(exchange.operation, place, result))
            else:
                roots.append(_Root(exchange.operation, place, graph.pair(result)))
    findings += _findings(graph, roots, severities, Witnesses(graph, witness_ms))
    ordered = sorted(dict.fromkeys(findings), key=lambda each: (each.operation, each.place, each.rule, each.message))
    places = {root.pair: f"{root.operation} · {root.place}" for root in reversed(roots)}
    return Comparison(ordered, find_not_compared(match, listed, graph, places))


def _is_unchanged(exchange: Exchange, graph: SchemaGraph) -> bool:
    """Return whether both sides are identical, including the security schemes that they name."""
    if exchange.change is not None or exchange.old is None or exchange.new is None:
        return False
    old, new = exchange.old, exchange.new
    is_same = graph.unchanged.is_same_text
    return (
        is_same(old.operation.raw, new.operation.raw)
        and is_same(old.operation.item.get("parameters"), new.operation.item.get("parameters"))
        and old.operation.path_parameters == new.operation.path_parameters
        and _security(old.reader.document) == _security(new.reader.document)
    )


def _security(document: Document) -> tuple[Any, Any]:
    components = document.raw.get("components")
    return document.raw.get("security"), components.get("securitySchemes") if isinstance(components, dict) else None


def _apply_rules(exchange: Exchange) -> RuleResult:
    if exchange.change is not None:
        yield exchange.change
    if exchange.old is None or exchange.new is None:
        return
    for rule in OPERATIONS.rules:
        for result in rule(exchange.old, exchange.new):
            if not exchange.old.is_received:
                yield result
            elif isinstance(result, Subschema):
                yield Subschema(result.at, result.old, result.new, result.direction.opposite, result.is_text)
            elif (change := reverse_change(result)) is not None:
                yield change


def _findings(
    graph: SchemaGraph, roots: list[_Root], severities: Severities, witnesses: Witnesses
) -> Iterator[Finding]:
    graph.solve(root.pair for root in roots)
    for root in roots:
        for placed in graph.changes_below(root.pair):
            change, witness = witnesses.prove(placed)
            place = f"{root.place} · {placed.at}" if placed.at else root.place
            yield replace(severities.finding(root.operation, place, change), witness=witness)
