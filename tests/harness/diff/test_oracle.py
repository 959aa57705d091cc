"""Compare the verdicts on random pairs of schemas with values that none of the diff's own code draws or checks.

ORACLE_PAIRS sets the number of pairs and ORACLE_SEED the seed. `make oracle` runs many pairs.
"""

import json
import os
from collections import Counter
from random import Random

import pytest

from statuspin.diff import compare
from statuspin.diff.rule import Direction
from statuspin.findings import Severity
from tests.harness.diff.instances import Sampler, find_counterexamples, read_text, validator
from tests.harness.diff.random_schemas import change, convert_to_3_0, make_scalar, make_schema, rewrite
from tests.harness.diff.specs import answers, received, sent, takes

PAIRS = int(os.environ.get("ORACLE_PAIRS", "250"))
SEED = int(os.environ.get("ORACLE_SEED", "20"))
DRAWS = 60
MOST_FALSE = 0.1
DIRECTIONS = list(Direction)


def _compare(old, new, direction, **more):
    describe = sent if direction is Direction.REQUEST else received
    return compare(describe(old), describe(new), **more).findings


def _order(old, new, direction):
    """Return the schema whose values the other one has to accept, and the other one."""
    return (old, new) if direction is Direction.REQUEST else (new, old)


def _is_breaking(findings):
    return any(finding.severity is Severity.ERROR for finding in findings)


def _read_witnesses(findings, place):
    """Return the values in full that prove errors at `place`."""
    shown = [each.witness.split("`")[1] for each in findings if each.place == place and each.witness.startswith("`")]
    return [json.loads(text) for text in shown if "…" not in text]


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_pairs_with_a_counterexample_are_breaking_and_few_others(direction):
    random = Random(SEED)
    verdicts = Counter()
    for number in range(PAIRS):
        old = make_schema(random)
        new = change(random, old)
        counterexample = next(find_counterexamples(Random(number), *_order(old, new, direction), DRAWS), None)
        findings = _compare(old, new, direction)
        is_breaking = _is_breaking(findings)
        assert is_breaking or counterexample is None, f"{old} → {new}: {counterexample}"
        is_proved = counterexample is not None or any(each.witness.startswith("`") for each in findings)
        verdicts[is_proved, is_breaking] += 1
    assert verdicts[True, True] > PAIRS / 10
    assert verdicts[False, True] <= MOST_FALSE * (verdicts[False, True] + verdicts[False, False])


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_example_of_a_finding_is_one_for_another_validator(direction):
    random = Random(SEED + 1)
    place = "request body" if direction is Direction.REQUEST else "response 200"
    checked = 0
    for _ in range(PAIRS):
        old = make_schema(random)
        new = change(random, old)
        accepting, refusing = map(validator, _order(old, new, direction))
        for value in _read_witnesses(_compare(old, new, direction), place):
            assert accepting.is_valid(value), f"{old} → {new}: {value}"
            assert not refusing.is_valid(value), f"{old} → {new}: {value}"
            checked += 1
    assert checked > PAIRS / 10


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_an_equivalent_schema_is_no_change(direction):
    random = Random(SEED)
    for _ in range(PAIRS):
        old = make_schema(random)
        new = rewrite(random, old)
        if _accepts_something(old):
            assert _compare(old, new, direction) == [], f"{old} → {new}"


def _accepts_something(schema):
    """Return whether a value is found. The keywords of other schemas are compared one by one."""
    sampler, accepting = Sampler(Random(SEED), schema), validator(schema)
    return any(accepting.is_valid(sampler.draw(schema)) for _ in range(DRAWS))


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_form_of_openapi_3_0_is_no_change(direction):
    random = Random(SEED)
    describe = sent if direction is Direction.REQUEST else received
    for _ in range(PAIRS):
        old = make_schema(random)
        converted = convert_to_3_0(old)
        if converted is not None:
            assert compare(describe(converted, version="3.0.3"), describe(old)).findings == [], old


def _describe_text(direction):
    """Return a function that makes a document with a query parameter or a response header of a schema."""
    if direction is Direction.REQUEST:
        return lambda schema: takes({"schema": schema})
    return lambda schema: answers({"200": {"description": "", "headers": {"X-Rate": {"schema": schema}}}})


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_values_that_are_written_as_text_are_compared_as_text(direction):
    random = Random(SEED)
    describe = _describe_text(direction)
    verdicts = Counter()
    for number in range(PAIRS):
        old = make_scalar(random)
        new = make_scalar(random) if random.random() < 0.5 else change(random, old)
        sub, sup = _order(old, new, direction)
        values = [value for value in _draw_scalars(Random(number), sub, sup) if not _is_read(sup, value)]
        findings = compare(describe(old), describe(new)).findings
        is_breaking = _is_breaking(findings)
        assert is_breaking or not values, f"{old} → {new}: {values[0]}"
        is_proved = bool(values) or any(each.witness.startswith("`") for each in findings)
        verdicts[is_proved, is_breaking] += 1
    assert verdicts[True, True] > PAIRS / 10
    assert verdicts[False, True] <= MOST_FALSE * (verdicts[False, True] + verdicts[False, False])


def _draw_scalars(random, sub, sup):
    sampler, accepting = Sampler(random, sub, sup), validator(sub)
    drawn = (sampler.draw(sub) for _ in range(DRAWS))
    return [each for each in drawn if isinstance(each, str | int | float) and accepting.is_valid(each)]


def _is_read(schema, value):
    """Return whether a schema accepts a value that is written as text. A list may have one element."""
    readings = read_text(value)
    return any(validator(schema).is_valid(reading) for reading in (*readings, *([each] for each in readings)))
