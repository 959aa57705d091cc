"""Migrations in SQL, for what Piccolo cannot express."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.base import Engine
from piccolo.engine.finder import engine_finder


class Script(NamedTuple):
    """The statements that apply a migration, and those that undo it, in order."""

    forwards: Sequence[str]
    backwards: Sequence[str]


def plain_sql(id_: str, description: str, script: Script, portable: Script | None = None) -> MigrationManager:
    """Return the manager of a migration in SQL. Its wait for locks is limited.

    portable: another script for engines other than PostgreSQL.
    """

    async def apply() -> None:
        await _run(_choose(script, portable).forwards)

    async def undo() -> None:
        await _run(_choose(script, portable).backwards)

    manager = MigrationManager(migration_id=id_, app_name="interviews", description=description)
    manager.add_raw(limit_lock_wait)
    manager.add_raw(apply)
    manager.add_raw_backwards(undo)
    return manager


async def limit_lock_wait() -> None:
    """Let the transaction wait at most 2 seconds for a lock: less than requests that queue behind it (LOCK_TIMEOUT).

    A generated migration calls `manager.add_raw(limit_lock_wait)`.
    """
    await _run(["SET LOCAL lock_timeout = '2s'"])


def _choose(script: Script, portable: Script | None) -> Script:
    return portable if portable and _engine().engine_type != "postgres" else script


async def _run(statements: Sequence[str]) -> None:
    for statement in statements:
        await _engine().run_ddl(statement)


def _engine() -> Engine[Any]:
    engine = engine_finder()
    if engine is None:
        raise RuntimeError("piccolo_conf.py names no engine")
    return engine
