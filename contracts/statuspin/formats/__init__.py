"""Findings as text for people, and as data for machines."""

from statuspin.errors import CannotRun
from statuspin.formats import github, json, junit, sarif, text
from statuspin.formats.report import Report, Words

_RENDERERS = {
    "text": text.render,
    "json": json.render,
    "junit": junit.render,
    "github": github.render,
    "sarif": sarif.render,
}
FORMATS = tuple(_RENDERERS)

__all__ = ["FORMATS", "Report", "Words", "render"]


def render(report: Report, format: str, *, colour: bool = False) -> str:  # noqa: A002 - the option's name
    """`report` in one of FORMATS, ending in a line break, and fit for UTF-8. colour: for text on a terminal."""
    if format not in _RENDERERS:
        raise CannotRun(f"format {format}: there are {', '.join(FORMATS)}")
    told = text.render(report, colour=colour) if format == "text" else _RENDERERS[format](report)
    return told.encode("utf-8", "replace").decode("utf-8")
