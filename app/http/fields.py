"""The kinds of value that requests carry, each as strict as the contract's schema of the same name.

What PostgreSQL or asyncpg would choke on is refused here: NUL in text, integers past their range, dates outside of
years 1 to 9999. Lone surrogates and invalid UTF-8 never get this far, for JSON with them is no JSON (RFC 8259).
"""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATE_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[Tt](?P<time>(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?P<fraction>\.\d{1,9})?"
    r"(?P<offset>[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)?",
    re.ASCII,
)
_DIGITS = re.compile(r"[0-9]{1,10}")
_PLACE = re.compile(r"(?:[0-9a-f]{64})?")
_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def parse_uuid(value: Any) -> UUID:
    """A hyphenated UUID in any case (RFC 9562, section 4). Raises PydanticCustomError for every other form."""
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise PydanticCustomError(
            "uuid_parsing", "Input should be a UUID with hyphens, like 0193b1f0-5a3e-7c1d-8e2f-0123456789ab"
        )
    return UUID(value)


def _parse_moment(value: Any, *, alone: time) -> datetime:
    """A date-time (RFC 3339; UTC where it has no offset), or a date, which stands for its moment `alone`.

    A moment before year 1 or past year 9999 in UTC is taken as the earliest or the latest there is.
    """
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return datetime.combine(date.fromisoformat(value), alone, UTC)
        match = _DATE_TIME.fullmatch(value) if isinstance(value, str) else None
        if match:
            return _in_utc(match)
    except ValueError:
        pass
    right = "Input should be a date (2025-10-01) or a date and time (2025-10-01T09:30:00Z)"
    if isinstance(value, str) and _DATE_TIME.fullmatch(value.replace(" ", "+")):
        right += "; a plus in a URL is written %2B"
    raise PydanticCustomError("datetime_parsing", right)


def _in_utc(match: re.Match[str]) -> datetime:
    fraction = (match["fraction"] or "")[:7]  # PostgreSQL keeps microseconds
    offset = (match["offset"] or "Z").upper()
    moment = datetime.fromisoformat(f"{match['date']}T{match['time']}{fraction}{offset}")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _EARLIEST if moment.year == 1 else _LATEST


def _parse_count(value: Any) -> int:
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    raise PydanticCustomError("int_parsing", "Input should be a whole number, of ten digits at the most")


def _parse_place(value: Any) -> str:
    if isinstance(value, str) and _PLACE.fullmatch(value):
        return value
    raise PydanticCustomError("string_pattern_mismatch", "Input should be the next_cursor of a page, or empty")


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise PydanticCustomError("string_pattern_mismatch", "Text should not contain the NUL character")
    return value


def _not_null(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("null_not_allowed", "Leave it out rather than sending null")
    return value


def _whole(value: Any) -> Any:
    """JSON knows but one kind of number: 2.0 is the integer 2 (JSON Schema, section 4.2.3)."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


LARGEST_INT = 2**31 - 1

WithoutNul = AfterValidator(_without_nul)
Text = Annotated[str, StringConstraints(strict=True), WithoutNul]
Id = Annotated[UUID, BeforeValidator(parse_uuid)]
Number = Annotated[int, BeforeValidator(_whole), Field(strict=True, ge=1, le=LARGEST_INT)]
NotNull = BeforeValidator(_not_null)
"""For members that may be left out but not be null: a default is not validated, what is sent is."""
Count = Annotated[int, BeforeValidator(_parse_count)]
Place = Annotated[str, BeforeValidator(_parse_place)]
Since = Annotated[datetime, BeforeValidator(lambda value: _parse_moment(value, alone=time.min))]
Until = Annotated[datetime, BeforeValidator(lambda value: _parse_moment(value, alone=time.max))]
