"""Findings as text for people, and as data for machines."""

from importlib import import_module

from statuspin.errors import CannotRun
from statuspin.formats.report import Case, Outcome, Report, Words

FORMATS = ("text", "json", "junit", "github", "sarif", "markdown", "html")

__all__ = ["FORMATS", "Case", "Outcome", "Report", "Words", "render"]


def render(report: Report, format: str, *, colour: bool = False) -> str:  # noqa: A002 - the option's name
    """Return `report` in one of FORMATS, with a line break at its end. colour: whether text has colours."""
    if format not in FORMATS:
        raise CannotRun(f"format {format}: there are {', '.join(FORMATS)}")
    module = import_module(f"statuspin.formats.{format}")  # only the one that is needed: pages need a template engine
    text: str = module.render(report, colour=colour) if format == "text" else module.render(report)
    return text.encode("utf-8", "replace").decode("utf-8")
