"""Compare the verdicts on random pairs of schemas with values: a pair with a counterexample is never called compatible.

ORACLE_PAIRS sets the number of pairs and ORACLE_SEED the seed. `make oracle` runs many pairs.
"""

import os
from collections import Counter
from random import Random

import pytest

from statuspin.diff import compare
from statuspin.diff.graph import SchemaGraph
from statuspin.diff.rule import Direction, Subschema
from statuspin.diff.schema.reader import SchemaReader
from statuspin.diff.witness.search import WitnessSearch
from statuspin.findings import Severity
from tests.harness.diff.random_schemas import change, convert_to_3_0, make_schema, rewrite
from tests.harness.diff.specs import received, sent

PAIRS = int(os.environ.get("ORACLE_PAIRS", "250"))
SEED = int(os.environ.get("ORACLE_SEED", "20"))
MOST_FALSE = 0.1


def _documents(old, new, direction):
    describe = sent if direction is Direction.REQUEST else received
    return describe(old), describe(new)


def _finds_breaking_change(old, new, direction):
    findings = compare(*_documents(old, new, direction)).findings
    return any(finding.severity is Severity.ERROR for finding in findings)


def _find_witnesses(old, new, direction):
    """Return values that only one of the schemas accepts, in the breaking direction."""
    first, second = (SchemaReader(document) for document in _documents(old, new, direction))
    graph = SchemaGraph(first, second)
    pair = graph.pair(Subschema("", first.node(old), second.node(new), direction))
    nodes = (pair.old_node, pair.new_node)
    sub, sup = nodes if direction is Direction.REQUEST else nodes[::-1]
    return WitnessSearch().find_all(sub, sup, graph.inclusion(pair))


@pytest.mark.parametrize("direction", list(Direction))
def test_pairs_with_a_counterexample_are_breaking_and_few_others(direction):
    random = Random(SEED)
    verdicts = Counter()
    for _ in range(PAIRS):
        old = make_schema(random)
        new = change(random, old)
        witnesses, is_breaking = _find_witnesses(old, new, direction), _finds_breaking_change(old, new, direction)
        verdicts[bool(witnesses), is_breaking] += 1
        assert is_breaking or not witnesses, f"{old} → {new}: {witnesses[0]}"
    without_witness = verdicts[False, True] + verdicts[False, False]
    assert verdicts[True, True] > PAIRS / 10
    assert verdicts[False, True] <= MOST_FALSE * without_witness


@pytest.mark.parametrize("direction", list(Direction))
def test_an_equivalent_schema_is_no_change(direction):
    random = Random(SEED)
    for _ in range(PAIRS):
        old = make_schema(random)
        new = rewrite(random, old)
        assert compare(*_documents(old, new, direction)).findings == [], f"{old} → {new}"


@pytest.mark.parametrize("direction", list(Direction))
def test_the_form_of_openapi_3_0_is_no_change(direction):
    random = Random(SEED)
    describe = sent if direction is Direction.REQUEST else received
    for _ in range(PAIRS):
        old = make_schema(random)
        if "exclusiveMaximum" in str(old):
            continue
        assert compare(describe(convert_to_3_0(old), version="3.0.3"), describe(old)).findings == [], old


@pytest.mark.parametrize("direction", list(Direction))
def test_only_one_side_accepts_the_witness_of_a_finding(direction):
    random = Random(SEED)
    proofs = Counter()
    for _ in range(PAIRS // 2):
        old = make_schema(random)
        new = change(random, old)
        for finding in compare(*_documents(old, new, direction), witness_ms=60_000).findings:
            proofs[finding.severity, finding.witness.startswith("`")] += 1
    assert not proofs[Severity.NOTE, True]
    assert proofs[Severity.ERROR, True] > 5 * proofs[Severity.ERROR, False]
