"""The table of interviews."""

from piccolo.columns import JSONB, UUID, Array, Integer, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table


class Interview(Table, tablename="interview"):
    """One interview.

    `user_name`, `organization_name` and `roles` come from the owner's token at the start. `processes_count` is how many
    processes were known then, and `processes_referenced` are those that the answers name. `total_messages` is the
    number of messages and the sequence number of the last one. It is stored so that no request has to count them.
    The indexes for the list (newest first) need DESC, which Piccolo cannot express: a migration creates them in SQL.
    """

    id_interview = UUID(primary_key=True, default=None)
    employee_id = UUID(null=False, default=None)
    organization_id = UUID(null=False, default=None)
    user_name = Varchar(length=255, null=False, default="")
    organization_name = Varchar(length=255, null=False, default="")
    roles = Array(base_column=Varchar(length=255), null=False, default=list)
    language = Varchar(length=2, null=False, default="es")
    guide = Varchar(length=63, null=False, default="process-discovery")
    processes_count = Integer(null=False, default=0)
    processes_referenced = JSONB(null=False, default="[]")
    technical_level = Varchar(length=32, null=False, default="unknown")
    status = Varchar(length=16, null=False, default="in_progress")
    total_messages = Integer(null=False, default=0)
    started_at = Timestamptz(null=False)
    completed_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(null=False)
    updated_at = Timestamptz(null=False)

    interview_language_known = Check("language IN ('es', 'en', 'pt')")
    interview_status_known = Check("status IN ('in_progress', 'completed', 'cancelled')")
    interview_completed_at_follows_status = Check("(status = 'completed') = (completed_at IS NOT NULL)")
    interview_total_messages_counts = Check("total_messages >= 0")
