"""The source code outside app/database reaches the database only through UnitOfWork."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
SOURCES = sorted(path for path in APP.rglob("*.py") if path.relative_to(APP).parts[0] != "database")

FORBIDDEN_CALLS = {
    "transaction",
    "atomic",
    "batch",
    "get_new_connection",
    "start_connection_pool",
    "run_sync",
    "create_pool",
    "RequestTransaction",
    "PostgresTransaction",
}
TRANSACTION_CONTROL = re.compile(
    r"\s*((BEGIN|COMMIT|ROLLBACK|START TRANSACTION)\b.*|(begin|commit|rollback|start transaction)\s*;?\s*)", re.DOTALL
)


def find_violations(path: Path, source: str) -> Iterator[str]:
    """Yield each place in a file that starts, ends or bypasses a transaction."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in FORBIDDEN_CALLS:
                yield f"{path}:{node.lineno} calls {name}"
            case ast.Call(func=ast.Attribute(value=ast.Name("asyncpg"), attr="connect")):
                yield f"{path}:{node.lineno} connects"
            case ast.ImportFrom(module="asyncpg", names=names) if "connect" in {each.name for each in names}:
                yield f"{path}:{node.lineno} imports connect"
            case ast.Constant(value=str(text)) if TRANSACTION_CONTROL.fullmatch(text):
                yield f"{path}:{node.lineno} says {text!r}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(APP)))
def test_only_the_unit_of_work_starts_transactions(path: Path) -> None:
    assert list(find_violations(path, path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "async def f(): await ENGINE.transaction()",
        "async def f(): await DB.atomic().run()",
        "Interview.select().run_sync()",
        "Interview.select().batch()",
        "connection = ENGINE.get_new_connection()",
        "asyncpg.connect(url)",
        "from asyncpg import connect",
        "asyncpg.create_pool(url)",
        "from asyncpg import create_pool\ncreate_pool(url)",
        "RequestTransaction(database, 'x', writes=True)",
        "connection.execute('BEGIN')",
        "connection.execute('BEGIN ISOLATION LEVEL SERIALIZABLE')",
        "connection.execute('COMMIT;')",
        "connection.execute('commit')",
        "connection.execute(' ROLLBACK TO SAVEPOINT one')",
        "connection.execute('START TRANSACTION READ ONLY')",
    ],
)
def test_the_check_finds_a_violation(source: str) -> None:
    assert list(find_violations(APP / "anywhere.py", source))


@pytest.mark.parametrize("source", ["'Begin with this'", "'begin at the beginning'", "signal.connect()"])
def test_the_check_allows(source: str) -> None:
    assert not list(find_violations(APP / "anywhere.py", source))
