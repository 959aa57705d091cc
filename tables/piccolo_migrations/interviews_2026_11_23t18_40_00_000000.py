"""What Piccolo cannot express: indexes with DESC, and a deferred foreign key.

The indexes serve the list, newest first. An idempotency record is claimed before its interview is inserted, so that of
several requests under one key all but one find out before they have written anything.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-23T18:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of the list, newest first; claim of an idempotency key ahead of its interview"

FORWARDS = (
    "CREATE INDEX interview_by_employee ON interview (organization_id, employee_id, started_at DESC, id_interview DESC)",
    "CREATE INDEX interview_by_organization ON interview (organization_id, started_at DESC, id_interview DESC)",
    "ALTER TABLE idempotency_record ALTER CONSTRAINT idempotency_record_interview_id_fkey "
    "DEFERRABLE INITIALLY DEFERRED",
)
BACKWARDS = (
    "ALTER TABLE idempotency_record ALTER CONSTRAINT idempotency_record_interview_id_fkey NOT DEFERRABLE",
    "DROP INDEX interview_by_organization",
    "DROP INDEX interview_by_employee",
)


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
