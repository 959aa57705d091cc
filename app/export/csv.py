"""An export as comma-separated values: a line of names, and a line a message (RFC 4180)."""

import csv
from io import StringIO

from app.export.conversation import messages
from app.use_cases.export_interview import Export

COLUMNS = ("sequence_number", "role", "content", "timestamp")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What spreadsheets take for the beginning of a formula, and run (OWASP, "CSV Injection")."""


def comma_separated(export: Export) -> str:
    """The messages. A content that a spreadsheet would run as a formula has an apostrophe before it."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number, message in enumerate(messages(export), start=1):
        writer.writerow((number, message.role, _harmless(message.content), message.timestamp))
    return text.getvalue()


def _harmless(content: str) -> str:
    return f"'{content}" if content.startswith(_FORMULA) else content
