import time

import pytest

from statuspin.diff.schema import patterns

_UUID = r"^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$"

IMPLIED = [
    ("^[a-z]+$", "^[a-z0-9]*$", True),
    ("^[a-z0-9]*$", "^[a-z]+$", False),
    ("^[a-z]+$", ".*", True),
    ("^a", "a", True),
    ("a", "^a", False),
    ("^(a|b)$", "^a|b$", True),
    ("^a|b$", "^(a|b)$", False),
    ("^.{1,100}$", "^.{1,200}$", True),
    ("^.{1,200}$", "^.{1,100}$", False),
    (r"^\d{4}-\d\d$", "^[0-9-]+$", True),
    (r"^[\w.-]+$", r"^[a-zA-Z0-9_.\-]+$", True),
    (r"^\/v[0-9]+?$", "^/v", True),
    ("^[^a]$", "^[^ab]$", False),
    ("^\\u0061$", "^a$", True),
    (_UUID, "^[0-9a-f-]{36}$", True),
    ("^(?!a)", "^b", None),
    (r"\bword", "word", None),
    (r"(a)\1", "aa", None),
    ("(a|b)*a(a|b){14}", "(a|b)*b(a|b){14}", None),
]


@pytest.mark.parametrize(("one", "other", "expected"), IMPLIED)
def test_implications_of_patterns(one, other, expected):
    assert patterns.implies((one,), (0, None), other) is expected


def test_lengths_are_combined_with_a_pattern():
    assert patterns.implies(("^a*$",), (0, 3), "^a{0,3}$") is True
    assert patterns.implies(("^a*$",), (0, 4), "^a{0,3}$") is False
    assert patterns.implies(("^a{2}$",), (0, None), "", (2, 2)) is True
    assert patterns.implies(("^[a-z]+$",), (0, 5000), "^[a-z0-9]+$") is True
    assert patterns.is_unmatchable((_UUID,), (0, 29))
    assert not patterns.is_unmatchable((_UUID,), (0, 36))


@pytest.mark.parametrize("pattern", ["^[a-z]{3}$", _UUID, r"^\S+@\S+$", "[$]", r"^\{a\}", "[a^]", "é+"])
def test_an_example_matches_its_pattern(pattern):
    assert patterns.matches(pattern, patterns.example_of((pattern,), (0, None)))


def test_an_example_outside_matches_only_the_first_pattern():
    text = patterns.example_outside(("^[a-z]*$",), (0, 20), ("^[a-y]*$",), (0, None))
    assert patterns.matches("^[a-z]*$", text)
    assert not patterns.matches("^[a-y]*$", text)


@pytest.mark.parametrize("pattern", ["^(ab|c){1,300}x*$", "^.{1,2000}$", "^((a{1,50}){1,50}){1,50}$", "(.*a){20}"])
def test_large_patterns_end_within_a_second_of_cpu_time(pattern):
    start = time.process_time()
    patterns.implies((pattern,), (1, 200), "^[a-z]{1,100}$")
    assert time.process_time() - start < 2


def test_an_invalid_pattern_matches_nothing_and_is_undecided():
    assert not patterns.matches("(", "a")
    assert patterns.implies(("(",), (0, None), "a") is None
