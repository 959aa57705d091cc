"""Indexes that can count filtered lists by themselves, without a look at the rows."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from tables.plain_sql import Script, plain_sql

ID = "2026-11-24T00:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the list's indexes hold status and language too"

_EMPLOYEE = "(organization_id, employee_id, started_at DESC, id_interview DESC)"
_ORGANIZATION = "(organization_id, started_at DESC, id_interview DESC)"
_CREATE = (
    f"CREATE INDEX interview_by_employee ON interview {_EMPLOYEE} INCLUDE (status, language)",
    f"CREATE INDEX interview_by_organization ON interview {_ORGANIZATION} INCLUDE (status, language)",
)
_DROP = ("DROP INDEX interview_by_organization", "DROP INDEX interview_by_employee")
SCRIPT = Script(
    forwards=("DROP INDEX IF EXISTS interview_by_employee", "DROP INDEX IF EXISTS interview_by_organization", *_CREATE),
    backwards=(
        *_DROP,
        f"CREATE INDEX interview_by_employee ON interview {_EMPLOYEE}",
        f"CREATE INDEX interview_by_organization ON interview {_ORGANIZATION}",
    ),
)
PORTABLE = Script(_CREATE, _DROP)
"""The migration before has created no index to replace."""


async def forwards() -> MigrationManager:
    return plain_sql(ID, DESCRIPTION, SCRIPT, PORTABLE)
