"""Draw a badge for a README: an SVG with the number of promised statuses that were observed."""

from html import escape
from typing import Any

from statuspin.coverage.statuses import State
from statuspin.errors import CannotRun

_LABEL = "promised statuses"
_GREEN, _YELLOW, _RED = "#2e7d32", "#9a6700", "#b3261e"
_WIDTH_OF_LETTER, _PADDING = 6.6, 10
_PROMISED = {State.OBSERVED.value, State.UNOBSERVED.value, State.SKIPPED.value}


def draw_badge(record: dict[str, Any]) -> str:
    """Return the badge of a record as an SVG.

    It is red if a finding is an error, yellow if a promised status was not observed or the run is partial, and green
    otherwise. Raises CannotRun if the record is incomplete.
    """
    try:
        states = [cell["state"] for cell in record["cells"]]
        has_errors = any(finding["severity"] == "error" for finding in record["findings"])
        is_complete = record["whole"] and not any(pin["verdict"] == "skipped" for pin in record["pins"])
    except (LookupError, TypeError) as error:
        raise CannotRun(f"the record of the run is incomplete: {error}") from None
    observed, promised = states.count(State.OBSERVED.value), sum(state in _PROMISED for state in states)
    colour = _RED if has_errors else _GREEN if is_complete and observed == promised else _YELLOW
    return _svg(f"{observed} of {promised} observed{', with errors' if has_errors else ''}", colour)


def _svg(value: str, colour: str) -> str:
    left, right = (round(_WIDTH_OF_LETTER * len(text)) + _PADDING for text in (_LABEL, value))
    title = escape(f"{_LABEL}: {value}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" aria-label="{title}">'
        f"<title>{title}</title>"
        f'<clipPath id="round"><rect width="{left + right}" height="20" rx="3"/></clipPath>'
        f'<g clip-path="url(#round)"><rect width="{left}" height="20" fill="#444c56"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="{left / 2:g}" y="14" textLength="{left - _PADDING}">{escape(_LABEL)}</text>'
        f'<text x="{left + right / 2:g}" y="14" textLength="{right - _PADDING}">{escape(value)}</text></g></svg>\n'
    )
