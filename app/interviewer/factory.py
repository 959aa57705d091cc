"""Create the interviewer that the settings name. The language model is imported only if it is named."""

from app.interviewer.library import GuideLibrary
from app.interviewer.limits import QuestionLimits
from app.interviewer.protocol import Interviewer
from app.interviewer.scripted import ScriptedInterviewer
from app.optional import ensure_installed
from app.settings import Settings

_REQUIRED_SETTINGS = ("llm_base_url", "llm_model", "llm_api_key")


class InterviewerUnusable(Exception):
    """The interviewer cannot be created. The message is one line that names the missing settings."""


def ensure_usable(settings: Settings) -> None:
    """Check that the interviewer can be created, without creating it.

    Raises InterviewerUnusable, InvalidGuide and ExtraMissing.
    """
    if settings.guide_dir:
        GuideLibrary(settings.guide_dir)
    _ensure_model_usable(settings)


def _ensure_model_usable(settings: Settings) -> None:
    if settings.interviewer == "scripted":
        return
    missing = [name.upper() for name in _REQUIRED_SETTINGS if getattr(settings, name) is None]
    if missing:
        raise InterviewerUnusable(f"INTERVIEWER=llm also needs {', '.join(missing)}; see docs/reference/settings.md")
    ensure_installed("INTERVIEWER=llm", "llm", "pydantic_ai", "openai")


def create_interviewer(settings: Settings, library: GuideLibrary | None = None) -> Interviewer:
    """Create the interviewer. library: its guides. Raises InterviewerUnusable, InvalidGuide and ExtraMissing."""
    _ensure_model_usable(settings)
    library = library or GuideLibrary(settings.guide_dir)
    if settings.interviewer == "scripted":
        return ScriptedInterviewer(library, QuestionLimits(settings.min_questions, settings.max_questions))
    from app.interviewer.llm.interviewer import LanguageModelInterviewer  # noqa: PLC0415 - optional, slow to import

    return LanguageModelInterviewer(settings, library)
