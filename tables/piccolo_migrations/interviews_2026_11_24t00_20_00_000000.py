"""Indexes that can count filtered lists by themselves, without a look at the rows."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from tables.plain_sql import plain_sql

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


async def forwards() -> MigrationManager:
    return plain_sql(ID, DESCRIPTION, FORWARDS, BACKWARDS)
