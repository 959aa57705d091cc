"""Write findings as a changelog in HTML."""

from pathlib import Path

import jinja2

from statuspin.formats.entries import describe, group_entries
from statuspin.formats.report import Report


def render(report: Report) -> str:
    """Return a self-contained HTML document."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.get_template("changelog.html.j2")
    return template.render(report=report, groups=list(group_entries(report)), describe=describe) + "\n"
