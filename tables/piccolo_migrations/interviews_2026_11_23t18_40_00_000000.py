"""Indexes that serve the list newest first: Piccolo cannot express DESC."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-23T18:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of the list, newest first"

FORWARDS = (
    "CREATE INDEX interview_by_employee ON interview (organization_id, employee_id, started_at DESC, id_interview DESC)",
    "CREATE INDEX interview_by_organization ON interview (organization_id, started_at DESC, id_interview DESC)",
)
BACKWARDS = ("DROP INDEX interview_by_employee", "DROP INDEX interview_by_organization")


async def _run(statements: tuple[str, ...]) -> None:
    engine = engine_finder()
    if engine is None:
        raise RuntimeError("piccolo_conf.py names no engine")
    for statement in statements:
        await engine.run_ddl(statement)


async def _create() -> None:
    await _run(FORWARDS)


async def _drop() -> None:
    await _run(BACKWARDS)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="interviews", description=DESCRIPTION)
    manager.add_raw(_create)
    manager.add_raw_backwards(_drop)
    return manager
