"""The messages of an exported interview, and their rendering as comma-separated values (RFC 4180)."""

import csv
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from pydantic import TypeAdapter

from app.domain.interview import Role
from app.use_cases.export_interview import Export

COLUMNS = ("sequence_number", "role", "content", "timestamp")

_FORMULA_PREFIXES = frozenset("=+-@\N{MINUS SIGN}")
"""Spreadsheets run a cell that starts with one of these characters as a formula (OWASP, "CSV Injection")."""

_LINE_STARTS = ("\t", "\r", "\n")
"""Some spreadsheets split a cell here, and the next cell may be a formula."""

_QUOTES = frozenset("\"'`\N{ACUTE ACCENT}")
_QUOTE_CATEGORIES = frozenset({"Pi", "Pf"})
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Mn", "Me", "Zs", "Zl", "Zp"})
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols without a glyph."""


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
        writer.writerow((number, message.role, _escape_formula(message.content), message.timestamp))
    return text.getvalue()


def _escape_formula(content: str) -> str:
    return f"'{content}" if content.startswith(_LINE_STARTS) or _looks_like_formula(content) else content


def _looks_like_formula(content: str) -> bool:
    """Return whether the first visible character starts a formula. Quotes before it do not count.

    NFKC turns full-width, small and raised operators into the plain ones, as spreadsheets do.
    """
    first = next((character for character in content if not _is_skipped(character)), "")
    return unicodedata.normalize("NFKC", first)[:1] in _FORMULA_PREFIXES if first else False


def _is_skipped(character: str) -> bool:
    category = unicodedata.category(character)
    return (
        category in _INVISIBLE_CATEGORIES
        or category in _QUOTE_CATEGORIES
        or character in _QUOTES
        or character in _FILLERS
    )
