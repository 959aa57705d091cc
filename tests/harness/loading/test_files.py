"""JSON and YAML as they are read: what was written, or one line."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from statuspin.errors import CannotRun
from statuspin.loading.files import parsed, read_mapping
from tests.support.timeouts import TIMEOUT

DEEP = "nested"
MANY = "aliases stand for more than"


def laughs(join: str) -> str:
    """A file of twelve lines that stands for 9 ** 12 values."""
    lines = ["a0: &a0 {x: 1}"]
    for number in range(1, 13):
        aliases = ", ".join([f"*a{number - 1}"] * 9)
        lines.append(f"a{number}: &a{number} {join.format(aliases)}")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("{404: a, 200: b}", {"404": "a", "200": "b"}),
        ("404: a", {"404": "a"}),
        ("on: a\noff: b\nyes: c", {"on": "a", "off": "b", "yes": "c"}),
        ("null: a\ntrue: b\n1.5: c", {"null": "a", "true": "b", "1.5": "c"}),
        ("a: on", {"a": "on"}),
        ("a: true\nb: False", {"a": True, "b": False}),
        ("a: 2026-01-31\nb: 2026-01-31T10:00:00Z", {"a": "2026-01-31", "b": "2026-01-31T10:00:00Z"}),
        ("a: {b: [{404: c}]}", {"a": {"b": [{"404": "c"}]}}),
        ("a: &a {x: 1}\nb: {<<: *a, y: 2}", {"a": {"x": 1}, "b": {"x": 1, "y": 2}}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ("\ufeffa: 1", {"a": 1}),
        ('{"a": "ü", "b": null}', {"a": "ü", "b": None}),
    ],
)
def test_what_was_written_is_read(tmp_path: Path, text, data):
    file = tmp_path / "a.yaml"
    file.write_text(text, encoding="utf-8")
    assert read_mapping(file) == data


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("a: 1\nb: [1\nc: 2", "a.yaml", "a.yaml: line 3: not YAML: "),
        ("a: 1\n\tb: 2", "a.yaml", "a.yaml: line 2: not YAML: "),
        ("a: 1\n---\nb: 2", "a.yaml", "a.yaml: line 2: not YAML: "),
        ("a: !!python/object:os.system x", "a.yaml", "a.yaml: line 1: not YAML: "),
        ("? {a: b}\n: c", "a.yaml", "a.yaml: line 1: not YAML: "),
        ("a: \x00", "a.yaml", "a.yaml: neither JSON nor YAML: unacceptable character"),
        ('{"a": 1,\n"b": }', "a.json", "a.json: line 2: not JSON: Expecting value"),
        ("a: &a [*a]", "a.yaml", MANY),
        (laughs("[{}]"), "a.yaml", MANY),
        (laughs("{{<<: [{}]}}"), "a.yaml", MANY),
        ('{"a": ' * 100_000 + "1" + "}" * 100_000, "a.json", DEEP),
        ('{"a": ' * 500 + "1" + "}" * 500, "a.json", DEEP),
        ("\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 3000))]), "a.yaml", DEEP),
    ],
    ids=[
        "bracket", "tab", "two documents", "object", "key", "control character", "JSON", "holds itself",
        "billion laughs", "billion laughs by merging", "deepest JSON", "deep JSON", "chain of aliases",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_line_that_names_the_place(text, name, said):
    with pytest.raises(CannotRun) as caught:
        parsed(text, name)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{name}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["a: " + "[" * 200_000, "- " * 100_000 + "a"], ids=["flow", "block"])
def test_yaml_nested_without_end_ends_no_process(tmp_path: Path, text):
    file = tmp_path / "a.yaml"
    file.write_text(text)
    code = "import pathlib, sys, statuspin.loading.files as files\nfiles.read_mapping(pathlib.Path(sys.argv[1]))"
    ended = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, timeout=TIMEOUT)
    assert ended.returncode == 1, ended
    assert re.search("nested more than 200 levels deep|exceeded maximum nesting depth", ended.stderr), ended.stderr


def test_nesting_as_real_documents_have_it_is_read():
    assert parsed("a: " + "[" * 150 + "]" * 150, "a.yaml")["a"] != []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("- a\n- b", "a list"),
        ('["a"]', "a list"),
        ("a", "a text"),
        ("1", "a number"),
        ("true", "a boolean"),
        ("", "nothing"),
    ],
)
def test_something_else_than_an_object_at_the_top_is_named(tmp_path: Path, text, kind):
    file = tmp_path / "a.yaml"
    file.write_text(text)
    with pytest.raises(CannotRun, match=f"an object is expected at the top, not {kind}$"):
        read_mapping(file)


def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path):
    (tmp_path / "latin.yaml").write_bytes("a: ü".encode("latin-1"))
    for name, reason in (
        ("latin.yaml", "not UTF-8 text"),
        ("none.yaml", "no such file or directory"),
        (".", "directory"),
    ):
        with pytest.raises(CannotRun, match=f"^{tmp_path}.*{reason}"):
            read_mapping(tmp_path / name)


def test_a_key_that_is_written_twice_is_refused_with_its_line():
    with pytest.raises(CannotRun, match=r"it: line 3: not YAML: a is written twice"):
        parsed("a: 1\nb: 2\na: 3\n", "it")


def test_a_merged_key_may_be_written_over():
    assert parsed("a: &a {x: 1, y: 2}\nb: &b {<<: *a, x: 3}\nc: {<<: *b, y: 4}\n", "it")["c"] == {"x": 3, "y": 4}
