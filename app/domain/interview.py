"""What an interview is made of: the closed sets of values that the wire, the tables and the rules share."""

from enum import StrEnum


class Status(StrEnum):
    """State of an interview. Any status may follow any other (by PATCH)."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Language(StrEnum):
    """Language in which the questions are asked (ISO 639-1)."""

    ES = "es"
    EN = "en"
    PT = "pt"


class Role(StrEnum):
    """Who wrote a stored message. Message 1 is the assistant's; from there on the two alternate."""

    ASSISTANT = "assistant"
    USER = "user"


UNKNOWN_TECHNICAL_LEVEL = "unknown"


def question_number(messages: int) -> int:
    """Number of the question that is open after `messages` stored messages (1, 2, 3 → 1, 1, 2).

    The assistant writes messages 1, 3, 5, …, so the open question's number is the count of the assistant's messages.
    """
    return (messages + 1) // 2
