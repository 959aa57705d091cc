"""Render the templates of the pages. Values are escaped."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

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
    return _create_environment().get_template(template).render(**values)


@cache
def _create_environment() -> "Environment":
    """Return the environment of the templates. The first page imports the renderers, which take 50 ms to import."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415
    from markdown_it import MarkdownIt  # noqa: PLC0415
    from markupsafe import Markup  # noqa: PLC0415

    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    markdown = MarkdownIt("commonmark", {"html": False})
    environment.filters["markdown"] = lambda text: Markup(markdown.render(text))  # noqa: S704 - it escapes HTML
    return environment
