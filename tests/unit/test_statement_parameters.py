"""Named parameters in SQL text, and the values that use cases pass for them."""

import ast
import importlib
import inspect
import pkgutil

import pytest

import app.use_cases
from app.database import migrations
from app.database.parameters import StatementError, number_parameters
from app.database.statement import Statement


@pytest.mark.parametrize(
    ("text", "sql", "names"),
    [
        ("SELECT 1", "SELECT 1", ()),
        ("SELECT :a, :b, :a", "SELECT $1, $2, $1", ("a", "b")),
        ("SELECT :a::text, b::int, :a :: text", "SELECT $1::text, b::int, $1 :: text", ("a",)),
        ("IN(:a,:b)", "IN($1,$2)", ("a", "b")),
        ("SELECT :größe_2", "SELECT $1", ("größe_2",)),
        ("f(a := :a, b:=:b)", "f(a := $1, b:=$2)", ("a", "b")),
        ("':a' :b", "':a' $1", ("b",)),
        ("'it''s :a' :b", "'it''s :a' $1", ("b",)),
        (r"E'it\'s :a' :b", r"E'it\'s :a' $1", ("b",)),
        (r"'C:\' :b", r"'C:\' $1", ("b",)),
        ('"a:b" :b', '"a:b" $1', ("b",)),
        ('"a"":b" :b', '"a"":b" $1', ("b",)),
        ("$$ :a ' $$ :b", "$$ :a ' $$ $1", ("b",)),
        ("$tag$ $$ :a $tag$ :b", "$tag$ $$ :a $tag$ $1", ("b",)),
        ("a$b :b", "a$b $1", ("b",)),
        ("-- it's :a\n:b", "-- it's :a\n$1", ("b",)),
        ("/* :a /* ' */ :a */ :b", "/* :a /* ' */ :a */ $1", ("b",)),
        ("a[1:n]", "a[1:n]", ()),
        ("a[low:high]", "a[low:high]", ()),
        ("a[f(:x):n]", "a[f($1):n]", ("x",)),
        ("a[b[1]:n]", "a[b[1]:n]", ()),
        ("a[(:low):(:high)]", "a[($1):($2)]", ("low", "high")),
        ("a[1: :n]", "a[1: $1]", ("n",)),
        ("a[1 + :n]", "a[1 + $1]", ("n",)),
        ("a[1::int]", "a[1::int]", ()),
        ("ARRAY[:a, :b]", "ARRAY[$1, $2]", ("a", "b")),
        ("array [[:a], [:b]]", "array [[$1], [$2]]", ("a", "b")),
        ("ARRAY[a[1:n], :b]", "ARRAY[a[1:n], $1]", ("b",)),
        ("ARRAY[:a])[1:n]", "ARRAY[$1])[1:n]", ("a",)),
    ],
)
def test_each_name_becomes_one_number_and_other_colons_stay(text: str, sql: str, names: tuple[str, ...]) -> None:
    assert number_parameters(text) == (sql, names)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT :a,\n$2", "line 2: $2 is a positional parameter; give it a name, such as :interview_id"),
        ("SELECT 'a", "line 1: the quote ' is not closed"),
        ('SELECT "a', 'line 1: the quote " is not closed'),
        ("SELECT\n\n$x$ a $y$", "line 3: the quote $x$ is not closed"),
        ("SELECT /* a /* b */", "line 1: the comment is not closed"),
        ("SELECT a[:n]", "line 1: :n could be a bound of a slice; write (:n) for a parameter"),
        ("SELECT a[ :n]", "line 1: :n could be a bound of a slice; write (:n) for a parameter"),
        ("SELECT a[1 :n]", "line 1: :n could be a bound of a slice; write (:n) for a parameter"),
    ],
)
def test_an_error_of_invalid_or_ambiguous_text_names_the_line(text: str, message: str) -> None:
    with pytest.raises(StatementError) as raised:
        number_parameters(text)

    assert str(raised.value) == message


MODULES = [
    migrations,
    *(importlib.import_module(f"app.use_cases.{each.name}") for each in pkgutil.iter_modules(app.use_cases.__path__)),
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_each_call_of_a_statement_passes_exactly_its_parameters(module: object) -> None:
    statements = {name: each for name, each in vars(module).items() if isinstance(each, Statement)}
    calls = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(module)))  # type: ignore[arg-type]
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in statements
    ]

    passed = {(call.func.value.id, frozenset(each.arg for each in call.keywords)) for call in calls}  # type: ignore[attr-defined]

    assert passed == {(name, statements[name].parameters) for name, _ in passed}
