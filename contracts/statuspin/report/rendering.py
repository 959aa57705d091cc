"""Render the page."""

import json
from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, UndefinedError

from statuspin.errors import CannotRun
from statuspin.report.view import View

_ENVIRONMENT = Environment(
    loader=PackageLoader("statuspin", "report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render_page(
    record: dict[str, Any], mutants: dict[str, Any] | None = None, earlier: Sequence[dict[str, Any]] = ()
) -> str:
    """Return the record of a run as a self-contained HTML document.

    mutants: a kill table. earlier: records of earlier runs, for a trend. Raises CannotRun if one is incomplete.
    """
    try:
        text = _ENVIRONMENT.get_template("page.html.j2").render(view=View(record, mutants, earlier), pretty=_pretty)
    except (LookupError, TypeError, AttributeError, UndefinedError) as error:
        reason = " ".join(str(error).split())[:120]
        raise CannotRun(f"the record of the run, or the table of mutants, is incomplete: {reason}") from None
    return text.encode("utf-8", "backslashreplace").decode()  # lone surrogates cannot be encoded


def _pretty(body: str) -> str:
    """Return a JSON body with indentation, and any other body unchanged."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return body
