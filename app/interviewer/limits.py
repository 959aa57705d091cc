"""How many questions an interview has."""

from dataclasses import dataclass

MIN_QUESTIONS = 6
MAX_QUESTIONS = 20


@dataclass(frozen=True, slots=True)
class QuestionLimits:
    """The number of questions before the last topic may end an interview, and the maximum with the closing message.

    A wish to stop ends an interview before.
    """

    minimum: int = MIN_QUESTIONS
    maximum: int = MAX_QUESTIONS


DEFAULT_LIMITS = QuestionLimits()
