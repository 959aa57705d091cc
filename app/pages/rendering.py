"""Render the templates of the pages. Values are escaped."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

_FOLDER = Path(__file__).parent

STATIC = {path.name: path for path in sorted((_FOLDER / "static").iterdir())}
"""Style sheets, scripts and images of the pages, by file name. Only these files are served."""


def create_policy(*origins: str) -> str:
    """Return the Content-Security-Policy of a page. It loads resources only from this service, without inline scripts.

    origins: other origins to which its scripts send requests.
    """
    connections = " ".join(["'self'", *origins])
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src {connections}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


POLICY = create_policy()
"""The policy of every page that sends requests only to this service."""


def render(template: str, **values: Any) -> str:
    """Return the page of a template in `templates/`. Raises UndefinedError if the template needs another value."""
    return _environment.get_template(template).render(**values)


def _render_markdown(text: str) -> Markup:
    """Return CommonMark as HTML. HTML in the text is escaped."""
    return Markup(_markdown.render(text))  # noqa: S704 - the renderer escapes HTML


_markdown = MarkdownIt("commonmark", {"html": False})
_environment = Environment(
    loader=FileSystemLoader(_FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters["markdown"] = _render_markdown
