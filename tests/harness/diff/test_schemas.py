"""Equivalent, recursive and unusual schemas."""

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from statuspin.diff import compare
from statuspin.diff.inclusion.prover import Prover
from statuspin.errors import CannotRun
from statuspin.findings import Severity
from tests.harness.diff.specs import INTEGER, STRING, obj, received, rules, sent

_NULL = {"type": "null"}
_A = {"$ref": "#/components/schemas/A"}
_CAT, _DOG = obj("kind", kind={"const": "cat"}), obj("kind", kind={"const": "dog"})
_NAMED = {"components": {"schemas": {"A": obj(a=True)}}}

SPELLINGS = [
    ("nullable", STRING | {"nullable": True}, {"type": ["string", "null"]}),
    ("nullable as anyOf", STRING | {"nullable": True}, {"anyOf": [STRING, _NULL]}),
    ("nullable as oneOf", STRING | {"nullable": True, "maxLength": 3}, {"oneOf": [_NULL, STRING | {"maxLength": 3}]}),
    ("nullable reference", {"nullable": True, "allOf": [_A]}, {"anyOf": [_A, _NULL]}),
    ("nullable union", {"nullable": True, "oneOf": [_A, STRING]}, {"anyOf": [_A, STRING, _NULL]}),
    ("nullable enum", STRING | {"nullable": True, "enum": ["a", None]}, {"enum": [None, "a"]}),
    ("exclusiveMinimum", INTEGER | {"minimum": 1, "exclusiveMinimum": True}, INTEGER | {"exclusiveMinimum": 1}),
    (
        "exclusiveMaximum",
        {"type": "number", "maximum": 1, "exclusiveMaximum": True},
        {"type": "number", "exclusiveMaximum": 1},
    ),
    ("not exclusive", INTEGER | {"minimum": 1, "exclusiveMinimum": False}, INTEGER | {"minimum": 1}),
    ("one value", STRING | {"enum": ["a"]}, {"const": "a"}),
    ("several types", {"oneOf": [STRING | {"maxLength": 3}, INTEGER]}, {"type": ["integer", "string"], "maxLength": 3}),
    ("allOf of one", {"allOf": [_A]}, _A),
    ("beside a reference", {"allOf": [_A, obj("b", b=True)]}, _A | obj("b", b=True)),
]


@pytest.mark.parametrize(("old", "new"), [pytest.param(*row[1:], id=row[0]) for row in SPELLINGS])
@pytest.mark.parametrize("place", [sent, received], ids=["sent", "received"])
def test_equivalent_schemas_of_3_0_and_3_1_are_equal(place, old, new):
    one, other = place(old, version="3.0.3", **_NAMED), place(new, **_NAMED)
    assert rules(one, other) == rules(other, one) == []


_DIGIT = STRING | {"pattern": "[0-9]"}
_FROM_ZERO = INTEGER | {"minimum": 0}
_LIST = {"type": "array", "items": STRING}
_FULL = _LIST | {"minItems": 1}


def _one(*variants):
    return {"oneOf": list(variants)}


SAME = [
    ("exclusive whole numbers", INTEGER | {"exclusiveMinimum": 0}, INTEGER | {"minimum": 1}),
    ("one and 1.0", INTEGER | {"minimum": 1}, INTEGER | {"minimum": 1.0}),
    ("no least length", STRING, STRING | {"minLength": 0}),
    ("true", {}, True),
    ("order of an enum", {"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
    ("order of variants", {"anyOf": [_CAT, _DOG]}, {"oneOf": [_DOG, _CAT]}),
    ("allOf", {"allOf": [obj(a=True), obj("b", b=True)]}, obj("b", a=True, b=True)),
    ("allOf of bounds", {"allOf": [STRING | {"maxLength": 3}, {"maxLength": 5}]}, STRING | {"maxLength": 3}),
    ("allOf of types", {"allOf": [{"type": "number"}, {"type": ["integer", "string"]}]}, INTEGER),
    ("allOf of one member", {"allOf": [obj(a=True), obj(a={"minLength": 2})]}, obj(a=STRING | {"minLength": 2})),
    ("allOf of enums", {"allOf": [{"enum": ["a", "b"]}, {"enum": ["b"]}]}, {"const": "b"}),
    (
        "allOf of tuples",
        {"allOf": [{"prefixItems": [STRING]}, {"items": STRING}]},
        {"prefixItems": [STRING], "items": STRING},
    ),
    ("steps", INTEGER | {"allOf": [{"multipleOf": 2}, {"multipleOf": 3}]}, INTEGER | {"multipleOf": 6}),
    ("steps of a fraction", {"allOf": [{"multipleOf": 0.2}, {"multipleOf": 0.3}]}, {"multipleOf": 0.6}),
    ("xml as usual", STRING, STRING | {"xml": {"attribute": False, "wrapped": False}}),
    ("if of nothing", {"if": False, "then": {"$ref": "#"}}, {"if": False, "then": {"$ref": "#"}}),
    ("order in a nested oneOf", _one(_one(_DIGIT, STRING), _DIGIT), _one(_one(STRING, _DIGIT), _DIGIT)),
    (
        "nested oneOf of numbers",
        _one(_one(INTEGER, _FROM_ZERO), _FROM_ZERO),
        _one(_FROM_ZERO, _one(_FROM_ZERO, INTEGER)),
    ),
    ("nested oneOf of lists", _one(_FULL, _one(_LIST, _FULL)), _one(_one(_FULL, {"allOf": [_LIST]}), _FULL)),
    (
        "nested oneOf of objects",
        _one(_one(obj(a=True), obj(a=_DIGIT)), obj("a", a=True)),
        _one(obj("a", a={"anyOf": [STRING]}), _one(obj(a=_DIGIT), obj(a=True))),
    ),
    (
        "oneOf of several levels",
        _one(_one(STRING, _one(_DIGIT, STRING, {"enum": ["1", "a"]})), {"anyOf": [_DIGIT, _one(STRING, _DIGIT)]}),
        _one({"anyOf": [_one(_DIGIT, STRING), _DIGIT]}, _one(_one({"enum": ["a", "1"]}, STRING, _DIGIT), STRING)),
    ),
    (
        "oneOf in a not",
        {"not": _one(STRING, _one(_DIGIT, STRING | {"maxLength": 3}))},
        {"not": _one(_one(STRING | {"maxLength": 3}, _DIGIT), STRING)},
    ),
]


@pytest.mark.parametrize(("old", "new"), [pytest.param(*row[1:], id=row[0]) for row in SAME])
@pytest.mark.parametrize("place", [sent, received], ids=["sent", "received"])
def test_equivalent_schemas_are_equal(place, old, new):
    assert rules(place(old), place(new)) == rules(place(new), place(old)) == []


def _schemas(**schemas):
    return {"components": {"schemas": schemas}}


def _ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


CYCLES = [
    ("a list", {"A": obj(next=_ref("A"))}, {"A": obj(next=_ref("A"), b=True)}, ["response-property-added"]),
    (
        "allOf",
        {"A": {"allOf": [_ref("A"), obj(a=True)]}},
        {"A": {"allOf": [_ref("A"), obj(a=INTEGER)]}},
        ["response-type-changed"],
    ),
    ("anyOf", {"A": {"anyOf": [_ref("A"), STRING]}}, {"A": {"anyOf": [_ref("A"), STRING]}}, []),
    (
        "a tree",
        {"A": {"anyOf": [obj(left=_ref("A")), INTEGER]}},
        {"A": {"anyOf": [obj(left=_ref("A")), STRING]}},
        ["response-type-changed"],
    ),
    ("not", {"A": {"not": _ref("A")}}, {"A": {"not": _ref("A")}}, []),
    (
        "merged members",
        {"A": {"allOf": [_ref("B"), _ref("C")]}, "B": obj(x=_ref("B"), y=True), "C": obj(x=_ref("C"))},
        {"A": {"allOf": [_ref("B"), _ref("C")]}, "B": obj(x=_ref("B"), y=INTEGER), "C": obj(x=_ref("C"))},
        ["response-type-changed"],
    ),
    (
        "one step on",
        {"A": obj(a=_ref("B")), "B": obj(b=_ref("A"), c=True)},
        {"A": obj(a=_ref("B")), "B": obj(b=_ref("A"))},
        ["response-property-removed"],
    ),
]


@pytest.mark.parametrize(("old", "new", "found"), [pytest.param(*row[1:], id=row[0]) for row in CYCLES])
def test_recursive_schemas_are_compared(old, new, found):
    assert rules(received(_ref("A"), **_schemas(**old)), received(_ref("A"), **_schemas(**new))) == found


def test_a_reference_to_a_variant_is_matched_by_its_name():
    def either(cat):
        variants = {"anyOf": [_ref("Cat"), _ref("Dog")]}
        return received(variants, **_schemas(Cat=cat, Dog=obj(a=True, b=True)))

    assert rules(either(obj(a=True)), either(obj(c=True))) == ["response-property-added", "response-property-removed"]


def test_a_schema_that_contradicts_itself_is_compared():
    def paradox(**more):
        return {"components": {"schemas": {"A": {"not": {"$ref": "#/components/schemas/A"}} | more}}}

    schema = {"enum": ["a", 1], "allOf": [{"$ref": "#/components/schemas/A"}]}
    assert rules(sent(schema, **paradox()), sent({"enum": ["a", 1]}, **paradox(title="B")))


def test_deep_unions_are_compared():
    schema = STRING
    for _ in range(60):
        schema = {"anyOf": [schema, obj(a=True)]}
    assert rules(received(schema), received(schema)) == []


_VALUES = st.sampled_from([None, True, False, 0, 1, 1.5, "", "a", [], {}])
_NAMES = st.sampled_from(["a", "b", "c"])
_LEAVES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "integer", "number", "object", "array", "null", ["string", "null"]]),
        "enum": st.lists(_VALUES, min_size=1, max_size=3),
        "const": _VALUES,
        "minimum": st.integers(-2, 2),
        "exclusiveMaximum": st.integers(-2, 2),
        "multipleOf": st.sampled_from([0.5, 1, 2]),
        "maxLength": st.integers(0, 2),
        "pattern": st.sampled_from(["a", "b"]),
        "format": st.sampled_from(["int32", "int64", "date"]),
        "required": st.lists(_NAMES, unique=True),
        "readOnly": st.booleans(),
        "writeOnly": st.booleans(),
        "default": _VALUES,
        "$ref": st.sampled_from(["#/components/schemas/A", "#/components/schemas/B", "#"]),
    },
)


def _extend(schemas):
    several, named = st.lists(schemas, min_size=1, max_size=3), st.dictionaries(_NAMES, schemas, max_size=2)
    below = dict.fromkeys(("items", "not", "if", "then", "additionalProperties", "contains"), schemas)
    below |= dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), several)
    below |= dict.fromkeys(("properties", "patternProperties", "dependentSchemas"), named)
    return st.tuples(_LEAVES, st.fixed_dictionaries({}, optional=below)).map(lambda parts: parts[0] | parts[1])


SCHEMAS = st.recursive(st.one_of(st.booleans(), _LEAVES), _extend, max_leaves=8)
VERSIONS = st.sampled_from(["3.0.3", "3.1.0"])


def _document(place, schemas, version):
    whole, first, second = schemas
    try:
        return place(whole, version=version, **_schemas(A=first, B=second))
    except CannotRun:  # a reference that resolves only to itself
        reject()


@settings(max_examples=80)
@given(st.tuples(SCHEMAS, SCHEMAS, SCHEMAS), VERSIONS)
def test_a_schema_does_not_differ_from_itself(schemas, version):
    for place in (sent, received):
        assert rules(_document(place, schemas, version), _document(place, schemas, version)) == []


@settings(max_examples=80)
@given(st.tuples(SCHEMAS, SCHEMAS, SCHEMAS), st.tuples(SCHEMAS, SCHEMAS, SCHEMAS), VERSIONS, VERSIONS)
def test_any_pair_of_schemas_is_compared(old, new, old_version, new_version):
    for place in (sent, received):
        one, other = _document(place, old, old_version), _document(place, new, new_version)
        assert rules(one, other) == rules(one, other)


def test_a_schema_may_become_several_that_it_accepts():
    general = obj("field", field=STRING)
    several = {"oneOf": [obj("field", field={"const": "a"}), obj("field", field={"const": "b"})]}

    assert set(rules(received(general), received(several))) == {"response-enum-narrowed"}
    assert set(rules(sent(several), sent(general))) == {"request-enum-widened"}


def test_a_finding_names_the_new_variant_that_the_old_schema_rejects():
    several = {"oneOf": [obj("field", field={"const": "a"}), obj("other", other=STRING)]}

    assert "response-property-removed" in rules(received(obj("field", field=STRING)), received(several))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(obj(b=True, c=_FROM_ZERO), obj(b=True), id="removed member"),
        pytest.param(obj(c=_FROM_ZERO), obj(c=INTEGER), id="wider member"),
        pytest.param(obj("c", b=True, c=_FROM_ZERO), obj(b=True, c=_FROM_ZERO), id="optional member"),
    ],
)
def test_values_that_two_variants_of_a_request_accept_now_are_breaking(old, new):
    found = compare(sent(_one(obj(a=True), old)), sent(_one(obj(a=True), new))).findings

    narrowed = [each for each in found if each.rule == "request-values-narrowed"]
    assert [each.severity for each in narrowed] == [Severity.ERROR]
    assert narrowed[0].witness.endswith("was accepted and is refused")


@pytest.mark.parametrize(
    ("one", "old", "new"),
    [
        pytest.param(obj("a", a=True), obj("c", c=_FROM_ZERO), obj("c", c=INTEGER), id="required member"),
        pytest.param(
            obj(kind={"const": "a"}),
            obj(kind={"const": "b"}, c=_FROM_ZERO),
            obj(kind={"const": "b"}, c=INTEGER),
            id="member with one value",
        ),
    ],
)
def test_a_wider_variant_of_a_request_is_additive_if_a_member_distinguishes_the_variants(one, old, new):
    found = compare(sent(_one(one, old)), sent(_one(one, new))).findings

    assert [(each.rule, each.severity) for each in found] == [("request-bound-widened", Severity.NOTE)]


def test_a_wider_read_only_member_of_a_variant_is_no_change_of_a_request():
    old, new = (_one(obj(a=True), obj(b=True, c=schema | {"readOnly": True})) for schema in (_FROM_ZERO, INTEGER))

    assert rules(sent(old), sent(new)) == []


def _nest(depth, leaf):
    """Return variants of objects that overlap, on several levels."""
    if not depth:
        return leaf
    variants = ({"type": "object", "properties": {f"a{number}": STRING, "below": _nest(depth - 1, leaf)}}
                for number in range(6))  # fmt: skip
    return {"oneOf": list(variants)}


def test_proofs_about_nested_variants_that_overlap_have_a_limit(monkeypatch):
    steps = []
    count_step = Prover.count_step
    monkeypatch.setattr(Prover, "count_step", lambda prover: (steps.append(1), count_step(prover))[1])

    found = rules(sent(_nest(3, STRING)), sent(_nest(3, STRING | {"maxLength": 3})), witness_ms=0)

    assert "request-variant-removed" in found
    assert len(steps) < 50_000
