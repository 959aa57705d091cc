"""Lines and columns of values in YAML and JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from statuspin.loading.files import parse, parse_file
from statuspin.loading.positions import Positions

YAML = """\
a: &one
  b: [1, {c: 2}]
  "quoted key":
  - x
  - y: 1
404: text
merged:
  <<: *one
  d: 3
"""


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ((), (1, 1)),
        (("a",), (1, 1)),
        (("a", "b"), (2, 3)),
        (("a", "b", 1, "c"), (2, 11)),
        (("a", "quoted key", 1, "y"), (5, 5)),
        (("404",), (6, 1)),
        (("merged", "d"), (9, 3)),
        (("merged", "b"), (2, 3)),
        (("a", "none", "deeper"), (1, 1)),
        (("a", "b", 9), (2, 3)),
    ],
)
def test_a_yaml_value_has_its_line_or_that_of_its_container(keys, expected):
    assert Positions(YAML, is_json=False).find(keys) == expected


def test_a_name_of_an_anchor_may_be_used_again():
    text = "a: &x 1\nb: *x\nc: &x 2\nd: *x\n"
    assert parse(text, "a.yaml") == {"a": 1, "b": 1, "c": 2, "d": 2}
    assert Positions(text, is_json=False).find(("d",)) == (4, 1)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


def _keys(node: Any, above: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    pairs: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [above, *(keys for key, child in pairs for keys in _keys(child, (*above, key)))]


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.text(max_size=4), VALUES, min_size=1, max_size=4), st.sampled_from([None, 0, 1, 2, "\t"]))
def test_every_json_value_has_its_line_and_column(value, indent):
    text = json.dumps(value, indent=indent)
    positions = Positions(text, is_json=True)
    for keys in reversed(_keys(value)):
        line, column = positions.find(keys)
        start = sum(len(each) + 1 for each in text.split("\n")[: line - 1]) + column - 1
        below = value
        for key in keys:
            below = below[key]
        if keys and isinstance(keys[-1], str):
            assert text[start:].startswith(f"{json.dumps(keys[-1])}:")
            start = text.index(":", start + len(json.dumps(keys[-1]))) + 1
        assert json.JSONDecoder().raw_decode(text[start:].lstrip())[0] == below


def test_a_value_of_irregular_json_has_its_line():
    text = '{"a": {"x": [\n1,\n{}],\n  "b": {\n}\n}, "c"\n:{"d": 1}}'
    file = parse_file("file:///a.json", "a.json", text.encode())
    assert [file.location(keys).line for keys in (("a", "x", 1), ("a", "b"), ("c", "d"))] == [3, 4, 7]


def test_windows_line_breaks_count_once(tmp_path: Path):
    assert yaml.safe_load(YAML)
    text = YAML.replace("\n", "\r\n")
    assert parse_file("file:///a", "a", text.replace("\r\n", "\n").encode()).location(("merged", "d")).line == 9
