# ruff: noqa: S608 - composed only of constants of this module
"""SQL expressions for the JSON that clients receive. PostgreSQL renders it, and the service passes it on unchanged.

One statement reads an interview with all its messages, and no row becomes a Python object: README.md of app/database
has the measured difference.
"""

from datetime import UTC, datetime


def _timestamp(column: str) -> str:
    """Return SQL that formats a timestamp as `format_timestamp` does. Connections run with TimeZone UTC."""
    return f"""to_char({column}, 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""


_INTERVIEW = f"""
    interview.id_interview,
    interview.employee_id,
    interview.user_name AS employee_name,
    interview.language,
    interview.technical_level,
    interview.status,
    {_timestamp("interview.started_at")} AS started_at,
    {_timestamp("interview.completed_at")} AS completed_at,
    interview.total_messages
"""

_MESSAGE = f"""
    message.id_message,
    message.role,
    message.content,
    message.sequence_number,
    {_timestamp("message.created_at")} AS created_at
"""

_TRANSCRIPT_MESSAGE = f"""
    message.role,
    message.content,
    {_timestamp("message.created_at")} AS timestamp
"""


def _object(members: str) -> str:
    """Return SQL for a JSON object that has each column as a member."""
    return f"(SELECT row_to_json(it) FROM (SELECT {members}) AS it)"


def _messages(members: str) -> str:
    """Return SQL for the JSON array of the interview's messages, in order."""
    return f"""(
    SELECT coalesce(json_agg({_object(members)} ORDER BY message.sequence_number), '[]')
    FROM interview_message AS message
    WHERE message.interview_id = interview.id_interview
)"""


INTERVIEW = _object(_INTERVIEW)
"""An interview without its messages."""

INTERVIEW_WITH_MESSAGES = _object(f"{_INTERVIEW}, {_messages(_MESSAGE)} AS messages")
"""An interview with its messages."""

TRANSCRIPT = _messages(_TRANSCRIPT_MESSAGE)
"""The messages of an interview, as an export shows them."""


def format_timestamp(moment: datetime) -> str:
    """Return ISO 8601 in UTC with offset and microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
