"""Templates to text: every page is rendered here, with what is between tags and in attributes escaped."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

_HERE = Path(__file__).parent

STATIC = {path.name: path for path in sorted((_HERE / "static").iterdir())}
"""Name to file: the style sheets, modules and pictures that pages load, and nothing else."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of every page: what it loads and asks comes from here, and nothing stands inline."""


def rendered(template: str, **values: Any) -> str:
    """The page of a template in `templates/`. Raises UndefinedError where it needs a value that is not there."""
    return _environment.get_template(template).render(**values)


def _prose(markdown: str) -> Markup:
    """CommonMark as HTML; HTML within it is shown as text."""
    return Markup(_markdown.render(markdown))  # noqa: S704 - made with HTML turned off


_markdown = MarkdownIt("commonmark", {"html": False})
_environment = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters["prose"] = _prose
