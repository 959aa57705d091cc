"""Read-only views of the tables for the admin pages, without secret columns and with hidden answers.

Piccolo Admin filters and sorts by every column of a table, even if it does not display the column, so secret columns
must not exist here. The statement itself replaces answers before it filters and sorts, so searching cannot reveal
them. A transaction that may read answers sets SHOW_ANSWERS_SETTING.
"""

from typing import Any

from piccolo.columns import (
    UUID,
    Array,
    Boolean,
    ForeignKey,
    Integer,
    OnDelete,
    Serial,
    Text,
    Timestamp,
    Timestamptz,
    Varchar,
)
from piccolo.columns.readable import Readable
from piccolo.table import Table, TableMeta

SHOW_ANSWERS_SETTING = "interviews.show_answers"
"""Name of a custom PostgreSQL setting that is "on" in transactions that may read answers, and otherwise not set."""

HIDDEN = "(hidden: this account has no right to read answers)"
"""Replaces every answer, and every question except the first one, because later questions quote answers."""

_REDACTED = f"""(
    SELECT id_message, interview_id, sequence_number, role, created_at,
           CASE WHEN current_setting('{SHOW_ANSWERS_SETTING}', true) = 'on' THEN content
                WHEN role = 'assistant' AND sequence_number = 1 THEN content
                ELSE '{HIDDEN}' END AS content
    FROM interview_message
) AS "interview_message"
"""  # noqa: S608 - constants


class _RedactedMeta(TableMeta):
    """Makes Piccolo select from _REDACTED instead of the table."""

    def get_formatted_tablename(self, include_schema: bool = True, quoted: bool = True) -> str:  # noqa: ARG002, FBT001, FBT002 - Piccolo's signature
        """Return the text after FROM. With it, an INSERT, UPDATE or DELETE is a syntax error."""
        return _REDACTED


class InterviewView(Table, tablename="interview"):
    """An interview, without internal columns."""

    id_interview = UUID(primary_key=True, default=None)
    status = Varchar(length=16)
    language = Varchar(length=2)
    total_messages = Integer()
    user_name = Varchar(length=255)
    organization_name = Varchar(length=255)
    started_at = Timestamptz()
    completed_at = Timestamptz(null=True)
    technical_level = Varchar(length=32)
    roles = Array(base_column=Varchar(length=255))
    employee_id = UUID()
    organization_id = UUID()


class MessageView(Table, tablename="interview_message"):
    """A message. `content` is HIDDEN, except for the first question, unless the transaction may read answers."""

    id_message = UUID(primary_key=True, default=None)
    interview_id = ForeignKey(InterviewView, on_delete=OnDelete.cascade, null=False)
    sequence_number = Integer()
    role = Varchar(length=16)
    content = Text()
    created_at = Timestamptz()

    @classmethod
    def _get_related_readable(cls, column: Any) -> Readable:
        """Name an interview by its id, which the message contains. Other columns would need a join."""
        return Readable(template="%s", columns=[column], output_name="interview_id_readable")


MessageView._meta = _RedactedMeta(**vars(MessageView._meta))  # noqa: SLF001 - Piccolo has no public API for it


class UserView(Table, tablename="piccolo_user"):
    """A BaseUser, without the password hash. `admin`: may log in to the admin pages."""

    id: Serial
    email = Varchar(length=255)
    active = Boolean()
    admin = Boolean()
    last_login = Timestamp(null=True)

    @classmethod
    def get_readable(cls) -> Readable:
        """Name a user by the e-mail address."""
        return Readable(template="%s", columns=[cls.email])


class AccountView(Table, tablename="account"):
    """An account."""

    id_account = UUID(primary_key=True, default=None)
    user = ForeignKey(UserView, on_delete=OnDelete.cascade, null=False)
    name = Varchar(length=255)
    role = Varchar(length=32)
    reads_answers = Boolean()
    organization_name = Varchar(length=255)
    employee_id = UUID()
    organization_id = UUID()
