"""What the forms of an export have in common: its messages."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from app.domain.interview import Role
from app.use_cases.export_interview import Export


@dataclass(frozen=True, slots=True)
class Message:
    """One message. timestamp: ISO 8601 in UTC."""

    role: Role
    content: str
    timestamp: str


_MESSAGES = TypeAdapter(list[Message])


def messages(export: Export) -> Sequence[Message]:
    """The messages in order."""
    return _MESSAGES.validate_json(export.transcript)
