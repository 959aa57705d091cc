"""Substitute and build the values of pins.yaml."""

import json

import pytest

from statuspin.errors import CannotRun
from statuspin.http.values import encode_raw, fill, find_names

KEPT = {"id": 7, "name": "Anna", "none": None, "many": [1, 2]}


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ("{id}", 7),
        ("{many}", [1, 2]),
        ("{none}", None),
        ("no. {id}", "no. 7"),
        ("{name}/{id}", "Anna/7"),
        ("{Name} {} { id }", "{Name} {} { id }"),
        ({"a": ["{id}", {"b": "{name}"}], "c": 1.5}, {"a": [7, {"b": "Anna"}], "c": 1.5}),
        ({"$json": '"a\\ud800"'}, "a\ud800"),
        ({"$json": "1e400"}, float("inf")),
        ({"$repeat": {"text": "ab", "times": 3}}, "ababab"),
        ({"$raw": "{id}"}, "{id}"),
        ({"a": {"$raw": "{id}"}}, {"a": "{id}"}),
        ({"$raw": "x", "b": "{id}"}, {"$raw": "x", "b": 7}),
        (True, True),
    ],
)
def test_a_value_is_substituted_and_built(value, made):
    assert fill(value, KEPT) == made


def test_a_lone_surrogate_is_sent_as_a_json_escape():
    assert json.dumps(fill({"$json": '"\\ud800"'}, {})) == '"\\ud800"'


@pytest.mark.parametrize("value", ["{other}", "a {other} b", ["{other}"], {"a": {"b": "{other}"}}])
def test_an_error_with_the_known_names_if_a_name_was_not_kept(value):
    with pytest.raises(CannotRun, match=r"\{other\} is used, but no state keeps it \(kept: id, many, name, none\)"):
        fill(value, KEPT)


@pytest.mark.parametrize(
    "value",
    [
        {"$json": "{"}, {"$json": 1}, {"$json": "[" * 100_000}, {"$repeat": {"text": "a"}}, {"$repeat": "a"},
        {"$repeat": {"text": "a", "times": "b"}}, {"$repeat": {"text": "a", "times": 2**80}},
    ],
    ids=["no JSON", "no text", "deep JSON", "no times", "no object", "text times", "endless"],
)  # fmt: skip
def test_a_value_that_cannot_be_built_is_one_line(value):
    with pytest.raises(CannotRun, match=r"^pins\.yaml: \$(json|repeat) has an invalid value: .{1,90}$"):
        fill(value, {})


@pytest.mark.parametrize(
    ("raw", "sent"),
    [
        ("", b""),
        ("a{id}ü", "a7ü".encode()),
        (["{", {"$repeat": {"text": "x", "times": 2}}, "{id}"], b"{xx7"),
        ({"$json": '"\\udcff"'}, b"\xff"),
    ],
)
def test_a_raw_body_is_sent_unchanged(raw, sent):
    assert encode_raw(raw, KEPT) == sent


def test_an_invalid_raw_body_is_one_line():
    with pytest.raises(CannotRun, match="a raw body has a character that is not a byte"):
        encode_raw({"$json": '"\\ud800"'}, {})


def test_names_are_found_in_nested_values():
    value = {"a": "{one} {two}", "b": ["{three}"], "c": {"$raw": "{four}"}, "d": 1}
    assert find_names(value) == {"one", "two", "three"}
