"""JSON and YAML files: their values, or an error in one line."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from statuspin.errors import CannotRun
from statuspin.loading.files import parse, parse_file, read_mapping
from tests.support.timeouts import TIMEOUT

DEEP = "nested"
MANY = "aliases expand to more than"


def billion_laughs(join: str) -> str:
    """Return a file of twelve lines that expands to 9 ** 12 values."""
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
def test_a_file_is_read_with_its_values(tmp_path: Path, text, data):
    file = tmp_path / "a.yaml"
    file.write_text(text, encoding="utf-8")
    assert read_mapping(file) == data


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("a: 1\nb: [1\nc: 2", "a.yaml", "a.yaml: line 3: not YAML: "),
        ("a: 1\n\tb: 2", "a.yaml", "a.yaml: line 2: not YAML: "),
        ("a: 1\n---\nb: 2", "a.yaml", "a.yaml: line 2: not YAML: "),
        ("a: !!python/object:os.system x", "a.yaml", "a.yaml: line 1: not YAML: "),
        ("? {a: b}\n: c", "a.yaml", "a.yaml: line 1: not YAML: "),
        ("a: \x00", "a.yaml", "a.yaml: neither JSON nor YAML: unacceptable character"),
        ('{"a": 1,\n"b": }', "a.json", "a.json: line 2: not JSON: Expecting value"),
        ("a: &a [*a]", "a.yaml", MANY),
        (billion_laughs("[{}]"), "a.yaml", MANY),
        (billion_laughs("{{<<: [{}]}}"), "a.yaml", MANY),
        ('{"a": ' * 100_000 + "1" + "}" * 100_000, "a.json", DEEP),
        ('{"a": ' * 500 + "1" + "}" * 500, "a.json", DEEP),
        ("\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 3000))]), "a.yaml", DEEP),
    ],
    ids=[
        "bracket", "tab", "two documents", "object", "key", "control character", "JSON", "holds itself",
        "billion laughs", "billion laughs by merging", "deepest JSON", "deep JSON", "chain of aliases",
    ],
)  # fmt: skip
def test_an_unreadable_file_is_one_line_with_the_place(text, name, message):
    with pytest.raises(CannotRun) as raised:
        parse(text, name)
    assert message in str(raised.value)
    assert str(raised.value).startswith(f"{name}: ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["a: " + "[" * 200_000, "- " * 100_000 + "a"], ids=["flow", "block"])
def test_deeply_nested_yaml_is_one_line(tmp_path: Path, text):
    file = tmp_path / "a.yaml"
    file.write_text(text)
    code = "import pathlib, sys, statuspin.loading.files as files\nfiles.read_mapping(pathlib.Path(sys.argv[1]))"
    ended = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, timeout=TIMEOUT)
    assert ended.returncode == 1, ended
    assert re.search("nested more than 200 levels deep|exceeded maximum nesting depth", ended.stderr), ended.stderr


def test_usual_nesting_is_read():
    assert parse("a: " + "[" * 150 + "]" * 150, "a.yaml")["a"] != []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("- a\n- b", "a list"),
        ('["a"]', "a list"),
        ("a", "a string"),
        ("1", "a number"),
        ("true", "a boolean"),
        ("", "nothing"),
    ],
)
def test_an_error_if_the_top_is_not_an_object(tmp_path: Path, text, kind):
    file = tmp_path / "a.yaml"
    file.write_text(text)
    with pytest.raises(CannotRun, match=f"an object is expected at the top, not {kind}$"):
        read_mapping(file)


def test_an_error_with_the_reason_if_a_file_cannot_be_read(tmp_path: Path):
    (tmp_path / "latin.yaml").write_bytes("a: ü".encode("latin-1"))
    for name, reason in (
        ("latin.yaml", "not UTF-8 text"),
        ("none.yaml", "no such file or directory"),
        (".", "directory"),
    ):
        with pytest.raises(CannotRun, match=f"^{tmp_path}.*{reason}"):
            read_mapping(tmp_path / name)


def test_an_error_with_the_line_if_a_key_occurs_twice():
    with pytest.raises(CannotRun, match=r"it: line 3: not YAML: a is written twice"):
        parse("a: 1\nb: 2\na: 3\n", "it")


def test_a_merged_key_may_be_overridden():
    assert parse("a: &a {x: 1, y: 2}\nb: &b {<<: *a, x: 3}\nc: {<<: *b, y: 4}\n", "it")["c"] == {"x": 3, "y": 4}


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbf{"paths": {}}',
        b' \r\n{"a": "\\r\\n",\r"b": 1}',
        '{"a": "é 😀", "😀": [1.0, 1e2, -0, 0.1, 12345678901234567890, true, null]}'.encode(),
        b'{"a": "\\ud83d\\ude00 \\u0000", "a": 2}',
        b'{"a": ' + b"[" * 190 + b"]" * 190 + b"}",
        b"[]",
    ],
    ids=lambda content: content[:20].decode(errors="replace"),
)
def test_json_has_the_values_that_the_standard_library_reads(content):
    assert parse_file("file:///a.json", "a.json", content).data == json.loads(content.decode("utf-8-sig"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": "\\ud83d"}', r"a.json: \ud83d is half of a surrogate pair, not a character"),
        (b'{"a": "\xff"}', "a.json: not UTF-8 text"),
        (b'{"a": 1,}', "a.json: line 1: not JSON: Expecting property name enclosed in double quotes"),
        (b'{"a": ' + b"[" * 900 + b"]" * 900 + b"}", "a.json: neither JSON nor YAML: nested more than 200 levels deep"),
    ],
    ids=["half a pair", "not UTF-8", "a comma too many", "nested too deep"],
)
def test_cannot_run_if_json_is_not_valid(content, message):
    with pytest.raises(CannotRun) as caught:
        parse_file("file:///a.json", "a.json", content)

    assert str(caught.value) == message
