"""Which interviewer the settings name. Nothing of a language model's client is imported unless it is that one."""

from app.interviewer.protocol import Interviewer
from app.interviewer.scripted import ScriptedInterviewer
from app.optional import ensure_installed
from app.settings import Settings

_NEEDED = ("llm_base_url", "llm_model", "llm_api_key")


class InterviewerUnusable(Exception):
    """The interviewer that is named cannot be made; says in one line what is missing."""


def ensure_usable(settings: Settings) -> None:
    """Look whether the interviewer can be made, without making it. Raises InterviewerUnusable and ExtraMissing."""
    if settings.interviewer == "scripted":
        return
    missing = [name.upper() for name in _NEEDED if getattr(settings, name) is None]
    if missing:
        raise InterviewerUnusable(f"INTERVIEWER=llm needs {', '.join(missing)} as well; README.md has the table")
    ensure_installed("INTERVIEWER=llm", "llm", "pydantic_ai", "openai")


def chosen_interviewer(settings: Settings) -> Interviewer:
    """The interviewer. Raises InterviewerUnusable and ExtraMissing."""
    ensure_usable(settings)
    if settings.interviewer == "scripted":
        return ScriptedInterviewer()
    from app.interviewer.llm.interviewer import LanguageModelInterviewer  # noqa: PLC0415 - an optional dependency, slow to import

    return LanguageModelInterviewer(settings)
