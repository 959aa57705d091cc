"""What Piccolo cannot express: indexes with DESC, and a deferred foreign key.

The indexes serve the list, newest first. An idempotency record is claimed before its interview is inserted, so that of
several requests under one key all but one find out before they have written anything.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from tables.plain_sql import Script, plain_sql

ID = "2026-11-23T18:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes of the list, newest first; claim of an idempotency key ahead of its interview"

SCRIPT = Script(
    forwards=(
        "CREATE INDEX interview_by_employee ON interview (organization_id, employee_id, started_at DESC, id_interview DESC)",
        "CREATE INDEX interview_by_organization ON interview (organization_id, started_at DESC, id_interview DESC)",
        "ALTER TABLE idempotency_record ALTER CONSTRAINT idempotency_record_interview_id_fkey "
        "DEFERRABLE INITIALLY DEFERRED",
    ),
    backwards=(
        "ALTER TABLE idempotency_record ALTER CONSTRAINT idempotency_record_interview_id_fkey NOT DEFERRABLE",
        "DROP INDEX interview_by_organization",
        "DROP INDEX interview_by_employee",
    ),
)
PORTABLE = Script((), ())
"""No deferred foreign key, which other engines lack. The next migration creates the indexes."""


async def forwards() -> MigrationManager:
    return plain_sql(ID, DESCRIPTION, SCRIPT, PORTABLE)
