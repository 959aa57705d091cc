"""Read the pauses that servers ask for with `Retry-After`."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from statuspin.http.exchange import Answer

MOST_PAUSES = 3
LONGEST_PAUSE = 60.0
_LIMITED = (429, 503)


def retry_pause(answer: Answer) -> float | None:
    """Return the seconds to wait before a 429 or 503 is retried, or None if it should not be retried."""
    pause = retry_after(answer) if answer.status in _LIMITED else None
    return None if pause is None or pause > LONGEST_PAUSE else pause


def retry_after(answer: Answer) -> float | None:
    """Return the seconds that `Retry-After` asks for (RFC 9110, section 10.2.3), or None if it is missing or wrong."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
