"""The table of messages: the questions and answers of the interviews."""

from piccolo.columns import UUID, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from tables.interview import Interview


class InterviewMessage(Table, tablename="interview_message"):
    """One message. `sequence_number` counts from 1 within an interview. The unique constraint provides the index."""

    id_message = UUID(primary_key=True, default=None)
    interview_id = ForeignKey(Interview, on_delete=OnDelete.cascade, null=False)
    role = Varchar(length=16, null=False, default="")
    content = Text(null=False, default="")
    sequence_number = Integer(null=False, default=0)
    created_at = Timestamptz(null=False)

    interview_message_sequence_unique = Unique([interview_id, sequence_number])
    interview_message_role_known = Check("role IN ('assistant', 'user')")
    interview_message_sequence_counts = Check("sequence_number >= 1")
