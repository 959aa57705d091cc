"""Findings as a changelog on a page of its own."""

from pathlib import Path

import jinja2

from statuspin.formats.entries import grouped, said
from statuspin.formats.report import Report


def render(report: Report) -> str:
    """Return an HTML document that loads nothing else."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.get_template("changelog.html.j2")
    return template.render(report=report, groups=list(grouped(report)), said=said) + "\n"
