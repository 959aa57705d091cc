"""The page as HTML."""

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


def page(record: dict[str, Any], mutants: dict[str, Any] | None = None, earlier: Sequence[dict[str, Any]] = ()) -> str:
    """Return the record of a run as an HTML document that loads nothing else.

    mutants: a kill table. earlier: records of earlier runs, for a trend. Raises CannotRun if any of them is not whole.
    """
    try:
        text = _ENVIRONMENT.get_template("page.html.j2").render(view=View(record, mutants, earlier), pretty=_pretty)
    except (LookupError, TypeError, AttributeError, UndefinedError) as error:
        said = " ".join(str(error).split())[:120]
        raise CannotRun(f"the record of the run, or the table of mutants, is not whole: {said}") from None
    return text.encode("utf-8", "backslashreplace").decode()  # lone surrogates cannot be written


def _pretty(body: str) -> str:
    """Return a body with its JSON indented; any other body is returned unchanged."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return body
