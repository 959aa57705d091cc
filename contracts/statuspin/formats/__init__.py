"""Write a report in one of the output formats."""

from importlib import import_module

from statuspin.errors import CannotRun
from statuspin.formats.report import Case, Outcome, Report, Words

FORMATS = ("text", "json", "junit", "github", "sarif", "markdown", "html")

__all__ = ["FORMATS", "Case", "Outcome", "Report", "Words", "render"]


def render(report: Report, format: str, *, colour: bool = False) -> str:  # noqa: A002 - the option's name
    """Return `report` in one of FORMATS, ending with a newline. colour: whether text has colours. Raises CannotRun."""
    if format not in FORMATS:
        raise CannotRun(f"unknown format {format!r}; use one of {', '.join(FORMATS)}")
    module = import_module(f"statuspin.formats.{format}")  # only this one, because Jinja is slow to import
    text: str = module.render(report, colour=colour) if format == "text" else module.render(report)
    return text.encode("utf-8", "replace").decode("utf-8")
