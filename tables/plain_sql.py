"""Migrations that Piccolo cannot express: statements of SQL, forwards and backwards."""

from collections.abc import Sequence

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder


def plain_sql(id_: str, description: str, forwards: Sequence[str], backwards: Sequence[str]) -> MigrationManager:
    """What a migration's `forwards` returns. forwards, backwards: statements, run one after another."""

    async def create() -> None:
        await _run(forwards)

    async def drop() -> None:
        await _run(backwards)

    manager = MigrationManager(migration_id=id_, app_name="interviews", description=description)
    manager.add_raw(create)
    manager.add_raw_backwards(drop)
    return manager


async def _run(statements: Sequence[str]) -> None:
    engine = engine_finder()
    if engine is None:
        raise RuntimeError("piccolo_conf.py names no engine")
    for statement in statements:
        await engine.run_ddl(statement)
