"""A position in the list of interviews, newest first, as an opaque text that clients send back.

It names the last interview on the page before, so that interviews that start or are deleted in between do not shift
it. It carries how many interviews come before it, so that no request has to count them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
LAST_ID = UUID(int=2**128 - 1)
_SIGN = 1 << 63
_MAXIMUM = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """A page begins after this interview. page: its number, from 1. before: how many interviews come before it."""

    started_at: datetime
    interview_id: UUID
    page: int = 1
    before: int = 0

    @classmethod
    def beginning(cls) -> "Cursor":
        """Return the cursor of the first page."""
        return cls(_LATEST, LAST_ID)

    @classmethod
    def after(cls, started_at: datetime, interview_id: UUID, page: int, before: int) -> "Cursor":
        """Return the cursor of a page that begins after an interview. Larger numbers than 2³¹ - 1 are capped."""
        return cls(started_at, interview_id, min(page, _MAXIMUM), min(before, _MAXIMUM))

    def __str__(self) -> str:
        """64 hexadecimal digits."""
        micros = (self.started_at - _EPOCH) // timedelta(microseconds=1)
        return f"{micros + _SIGN:016x}{self.interview_id.hex}{self.page:08x}{self.before:08x}"


def read_cursor(text: str) -> Cursor:
    """Return the cursor that 64 hexadecimal digits stand for; all such texts are valid. Empty: the first page."""
    if not text:
        return Cursor.beginning()
    micros = int(text[:16], 16) - _SIGN
    page, before = int(text[48:56], 16), int(text[56:], 16)
    return Cursor.after(_datetime(micros), UUID(text[16:48]), max(page, 1), before)


def _datetime(micros: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return _LATEST if micros > 0 else _EARLIEST
