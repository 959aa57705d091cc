"""What the admin pages show: the same rows, without the columns that nobody may see, and with the answers hidden.

Piccolo Admin filters and orders by every column of a table, whatever it displays: what is not to be known must not be
a column. An answer is replaced within the statement itself, before any filter or order is applied, so that nobody can
learn it by searching for it. A transaction that is to see answers says so by the setting SHOW_ANSWERS.
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

SHOW_ANSWERS = "interviews.show_answers"
"""A setting of PostgreSQL's, "on" in transactions that see answers; made up here, and unset everywhere else."""

HIDDEN = "(hidden: this account has no right to read answers)"
"""Stands for every answer, and for every question but the first: the later ones quote what was answered."""

_REDACTED = f"""(
    SELECT id_message, interview_id, sequence_number, role, created_at,
           CASE WHEN current_setting('{SHOW_ANSWERS}', true) = 'on' THEN content
                WHEN role = 'assistant' AND sequence_number = 1 THEN content
                ELSE '{HIDDEN}' END AS content
    FROM interview_message
) AS "interview_message"
"""  # noqa: S608 - constants


class _RedactedMeta(TableMeta):
    """Lets Piccolo select from _REDACTED wherever it would from the table."""

    def get_formatted_tablename(self, include_schema: bool = True, quoted: bool = True) -> str:  # noqa: ARG002, FBT001, FBT002 - Piccolo's signature
        """What stands behind FROM. An INSERT, UPDATE or DELETE of it is no SQL."""
        return _REDACTED


class ShownInterview(Table, tablename="interview"):
    """An interview, without the columns that are of no interest to a reader."""

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


class ShownMessage(Table, tablename="interview_message"):
    """A message; `content` is HIDDEN but for the first question, unless the transaction says otherwise."""

    id_message = UUID(primary_key=True, default=None)
    interview_id = ForeignKey(ShownInterview, on_delete=OnDelete.cascade, null=False)
    sequence_number = Integer()
    role = Varchar(length=16)
    content = Text()
    created_at = Timestamptz()

    @classmethod
    def _get_related_readable(cls, column: Any) -> Readable:
        """An interview's name is its id, which a message has itself: no join, which _REDACTED could not be part of."""
        return Readable(template="%s", columns=[column], output_name="interview_id_readable")


ShownMessage._meta = _RedactedMeta(**vars(ShownMessage._meta))  # noqa: SLF001 - Piccolo has no other place for it


class ShownUser(Table, tablename="piccolo_user"):
    """A BaseUser, without the hash of the password. `admin`: may log in to the admin pages."""

    id: Serial
    email = Varchar(length=255)
    active = Boolean()
    admin = Boolean()
    last_login = Timestamp(null=True)

    @classmethod
    def get_readable(cls) -> Readable:
        """What an account says of its user."""
        return Readable(template="%s", columns=[cls.email])


class ShownAccount(Table, tablename="account"):
    """An account."""

    id_account = UUID(primary_key=True, default=None)
    user = ForeignKey(ShownUser, on_delete=OnDelete.cascade, null=False)
    name = Varchar(length=255)
    role = Varchar(length=32)
    reads_answers = Boolean()
    organization_name = Varchar(length=255)
    employee_id = UUID()
    organization_id = UUID()
