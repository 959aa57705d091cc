"""The page itself."""

import json
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from contracts.report.view import View

_ENVIRONMENT = Environment(
    loader=PackageLoader("contracts", "report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(record: dict[str, Any], mutants: dict[str, Any] | None = None) -> str:
    """The record of a run, and a table of mutants where there is one, as an HTML document without outer references."""
    return _ENVIRONMENT.get_template("page.html.j2").render(view=View(record, mutants), pretty=_pretty)


def _pretty(body: str) -> str:
    """A body as a person reads it: JSON indented, anything else as it is."""
    try:
        text = json.dumps(json.loads(body), ensure_ascii=False, indent=2)
        return text.encode("utf-8", "backslashreplace").decode()  # lone surrogates cannot be written
    except (ValueError, RecursionError):
        return body
