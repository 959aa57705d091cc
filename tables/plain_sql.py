"""Migrations that Piccolo cannot express: statements of SQL, forwards and backwards."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.base import Engine
from piccolo.engine.finder import engine_finder


class Script(NamedTuple):
    """Statements, run one after another: there, and back again."""

    forwards: Sequence[str]
    backwards: Sequence[str]


def plain_sql(id_: str, description: str, script: Script, on_cockroach: Script | None = None) -> MigrationManager:
    """What a migration's `forwards` returns. on_cockroach: for CockroachDB, where it knows no such SQL."""

    async def create() -> None:
        await _run(_suiting(script, on_cockroach).forwards)

    async def drop() -> None:
        await _run(_suiting(script, on_cockroach).backwards)

    manager = MigrationManager(migration_id=id_, app_name="interviews", description=description)
    manager.add_raw(create)
    manager.add_raw_backwards(drop)
    return manager


def _suiting(script: Script, on_cockroach: Script | None) -> Script:
    return on_cockroach if on_cockroach and _engine().engine_type == "cockroach" else script


async def _run(statements: Sequence[str]) -> None:
    for statement in statements:
        await _engine().run_ddl(statement)


def _engine() -> Engine[Any]:
    engine = engine_finder()
    if engine is None:
        raise RuntimeError("piccolo_conf.py names no engine")
    return engine
