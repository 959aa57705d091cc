"""Indexes that can count filtered lists by themselves, without a look at the rows."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-24T00:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the list's indexes hold status and language too"

_EMPLOYEE = "(organization_id, employee_id, started_at DESC, id_interview DESC)"
_ORGANIZATION = "(organization_id, started_at DESC, id_interview DESC)"
FORWARDS = (
    "DROP INDEX IF EXISTS interview_by_employee",
    "DROP INDEX IF EXISTS interview_by_organization",
    f"CREATE INDEX interview_by_employee ON interview {_EMPLOYEE} INCLUDE (status, language)",
    f"CREATE INDEX interview_by_organization ON interview {_ORGANIZATION} INCLUDE (status, language)",
)
BACKWARDS = (
    "DROP INDEX interview_by_organization",
    "DROP INDEX interview_by_employee",
    f"CREATE INDEX interview_by_employee ON interview {_EMPLOYEE}",
    f"CREATE INDEX interview_by_organization ON interview {_ORGANIZATION}",
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
