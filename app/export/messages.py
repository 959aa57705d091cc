"""The messages of an exported interview, and their rendering as comma-separated values (RFC 4180)."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from pydantic import TypeAdapter

from app.domain.interview import Role
from app.export.escaping import escape_formula
from app.use_cases.export_interview import Export

COLUMNS = ("sequence_number", "role", "content", "timestamp")


@dataclass(frozen=True, slots=True)
class Message:
    """One message. timestamp: ISO 8601 in UTC."""

    role: Role
    content: str
    timestamp: str


_MESSAGES = TypeAdapter(list[Message])


def parse_messages(export: Export) -> Sequence[Message]:
    """Return the messages in order."""
    return _MESSAGES.validate_json(export.transcript)


def render_csv(export: Export) -> str:
    """Return a header line and one record per message. An apostrophe precedes content that looks like a formula."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number, message in enumerate(parse_messages(export), start=1):
        writer.writerow((number, message.role, escape_formula(message.content), message.timestamp))
    return text.getvalue()
