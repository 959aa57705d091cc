import pytest

from statuspin.diff import compare
from tests.harness.diff.specs import INTEGER, STRING, obj, received, sent, takes

_LONG = STRING | {"maxLength": 4000}

WITNESSES = [
    (
        "bound",
        sent(obj(name=STRING)),
        sent(obj(name=STRING | {"minLength": 1})),
        '`{"name": ""}` was accepted and is refused',
    ),
    ("enum", received({"enum": ["a"]}), received({"enum": ["a", "b"]}), '`"b"` is possible and was not'),
    ("type", received(STRING), received({"type": ["string", "null"]}), "`null` is possible and was not"),
    ("need", sent(obj(a=STRING)), sent(obj("a", a=STRING)), "`{}` was accepted and is refused"),
    (
        "within its body",
        sent(obj("n", n=STRING, a={"type": "array", "items": obj(z=STRING)})),
        sent(obj("n", n=STRING, a={"type": "array", "items": obj("z", z=STRING)})),
        '`{"n": "", "a": [{}]}` was accepted and is refused',
    ),
    (
        "parameter",
        takes({"schema": {"enum": ["1", "x"]}}),
        takes({"schema": INTEGER}),
        '`"x"` was accepted and is refused',
    ),
    (
        "long text",
        received(STRING | {"maxLength": 300}),
        received(STRING | {"maxLength": 400}),
        f'`"{"a" * 60}… (301 characters)"` is possible and was not',
    ),
    (
        "pattern that is not decided",
        sent(STRING | {"pattern": "^(?!x)"}),
        sent(STRING | {"pattern": "^(?!a)"}),
        '`"a"` was accepted and is refused',
    ),
]


@pytest.mark.parametrize(("old", "new", "witness"), [pytest.param(*row[1:], id=row[0]) for row in WITNESSES])
def test_a_finding_has_a_witness(old, new, witness):
    assert [finding.witness for finding in compare(old, new).findings] == [witness]


def test_a_finding_says_that_no_witness_was_found():
    old, new = sent(STRING | {"format": "colour"}), sent(STRING | {"format": "paint"})
    assert [finding.witness for finding in compare(old, new).findings] == ["no example found"]


def test_no_witness_is_searched_without_time():
    old, new = received(STRING), received(INTEGER)
    assert [finding.witness for finding in compare(old, new, witness_ms=0).findings] == [""]


def test_a_finding_without_values_has_no_witness():
    old, new = sent(obj(a=STRING)), sent(obj(a=STRING, b=STRING))
    assert [finding.witness for finding in compare(old, new).findings] == [""]


def test_two_runs_find_the_same_witnesses():
    old, new = sent(obj(a=_LONG, b=INTEGER)), sent(obj(a=STRING | {"maxLength": 9}, b=INTEGER | {"minimum": 3}))
    assert compare(old, new) == compare(old, new)
