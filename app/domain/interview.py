"""The enumerations and numbering of interviews, shared by the API, the tables and the rules."""

from enum import StrEnum


class Status(StrEnum):
    """The status of an interview. PATCH allows every transition."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Language(StrEnum):
    """The language of the questions (ISO 639-1)."""

    ES = "es"
    EN = "en"
    PT = "pt"


class Role(StrEnum):
    """The author of a message. The assistant writes the first one, then the two alternate."""

    ASSISTANT = "assistant"
    USER = "user"


UNKNOWN_TECHNICAL_LEVEL = "unknown"


class TechnicalLevel(StrEnum):
    """How technical an interviewee is, judged by the answers."""

    BASIC = "basic"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


DEFAULT_GUIDE = "process-discovery"
"""The guide of an interview whose start names none."""

SHIPPED_GUIDES = (DEFAULT_GUIDE, "software-requirements")
"""The guides that come with the service."""


def question_number(messages: int) -> int:
    """Return the number of the open question after this many stored messages (1, 2, 3 → 1, 1, 2).

    It equals the number of the assistant's messages, because the assistant writes messages 1, 3, 5, ….
    """
    return (messages + 1) // 2
