"""Two documents compared: rules say what changed, and findings say it of an operation."""

from collections.abc import Iterator
from dataclasses import dataclass

from statuspin.contract.document import Document
from statuspin.diff import rules as _rules  # noqa: F401 - declares them
from statuspin.diff.changes import Below, Change
from statuspin.diff.graph import Graph, Pair
from statuspin.diff.rules.operations import DOCUMENTS, matched
from statuspin.diff.severities import Severities
from statuspin.diff.sides import OPERATIONS, Side
from statuspin.diff.view import View
from statuspin.findings import Finding, NotCompared


@dataclass(frozen=True)
class _Root:
    """Where an operation leads to a pair of schemas."""

    operation: str
    place: str
    pair: Pair


@dataclass(frozen=True)
class Comparison:
    """What changed for a client, and what differs without a rule that weighs it; both in a fixed order."""

    findings: list[Finding]
    not_compared: list[NotCompared]


def compare(old: Document, new: Document, severities: Severities | None = None) -> Comparison:
    """Compare two documents as a client sees them. A finding stands once per operation and place.

    severities: how much each rule weighs; the usual weights without it.
    """
    told = severities or Severities.usual()
    match = matched(old, new)
    findings = [told.finding(name, change.at, change) for rule in DOCUMENTS.rules for name, change in rule(match)]
    views = View(old), View(new)
    graph, roots = Graph(*views), []
    for before, after in match.both:
        for said in _said(Side(views[0], before), Side(views[1], after)):
            if isinstance(said, Change):
                findings.append(told.finding(before.id, said.at, said))
            else:
                roots.append(_Root(before.id, said.at, graph.pair(said)))
    findings += _found(graph, roots, told)
    ordered = sorted(dict.fromkeys(findings), key=lambda each: (each.operation, each.place, each.rule, each.message))
    return Comparison(ordered, [])


def _said(old: Side, new: Side) -> Iterator[Change | Below]:
    for rule in OPERATIONS.rules:
        yield from rule(old, new)


def _found(graph: Graph, roots: list[_Root], severities: Severities) -> Iterator[Finding]:
    graph.solve(root.pair for root in roots)
    for root in roots:
        for way, change in graph.changes_below(root.pair):
            inside = (way + change.at).removeprefix(".")
            yield severities.finding(root.operation, f"{root.place} · {inside}" if inside else root.place, change)
