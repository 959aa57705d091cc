"""A place in the list of interviews, newest first, as an opaque text that clients send back.

It names the last interview that was listed, so that what is started or deleted meanwhile moves nobody's place, and
carries how many were listed, so that no request has to count them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
LAST_ID = UUID(int=2**128 - 1)
_SIGN = 1 << 63
_MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """Behind which interview the page begins, its number (1 is the first), and how many interviews come before it."""

    started_at: datetime
    interview_id: UUID
    page: int = 1
    before: int = 0

    @classmethod
    def beginning(cls) -> "Cursor":
        """Before every interview."""
        return cls(_LATEST, LAST_ID)

    def after(self, started_at: datetime, interview_id: UUID, listed: int) -> "Cursor":
        """The place behind the last of the `listed` interviews of this page."""
        return Cursor(started_at, interview_id, min(self.page + 1, _MOST), min(self.before + listed, _MOST))

    def __str__(self) -> str:
        """64 hexadecimal digits."""
        micros = (self.started_at - _EPOCH) // timedelta(microseconds=1)
        return f"{micros + _SIGN:016x}{self.interview_id.hex}{self.page:08x}{self.before:08x}"


def read_cursor(text: str) -> Cursor:
    """The place that a text of 64 hexadecimal digits names; every such text names one. Empty: the beginning."""
    if not text:
        return Cursor.beginning()
    micros = int(text[:16], 16) - _SIGN
    page, before = int(text[48:56], 16), int(text[56:], 16)
    return Cursor(_moment(micros), UUID(text[16:48]), min(max(page, 1), _MOST), min(before, _MOST))


def _moment(micros: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return _LATEST if micros > 0 else _EARLIEST
