"""The types of request fields. Each one accepts exactly the values that the contract accepts.

They reject the values that PostgreSQL or asyncpg cannot store: NUL in text, and integers and dates out of range. The
JSON parser has already rejected lone surrogates and invalid UTF-8 (RFC 8259).
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from app.domain.interview import SHIPPED_GUIDES, Language

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATE_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[Tt](?P<time>(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?P<fraction>\.\d{1,9})?"
    r"(?P<offset>[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)?",
    re.ASCII,
)
_INTEGER = re.compile(r"[0-9]{1,10}")
_CURSOR = re.compile(r"(?:[0-9a-f]{64})?")
_LANGUAGES = frozenset(Language)
_SHIPPED: Mapping[str, AbstractSet[Language]] = dict.fromkeys(SHIPPED_GUIDES, _LANGUAGES)
_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def parse_uuid(value: Any) -> UUID:
    """Parse a UUID with hyphens, in any case (RFC 9562, section 4). Raises PydanticCustomError for any other value."""
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise PydanticCustomError(
            "uuid_parsing", "Input should be a UUID with hyphens, like 0193b1f0-5a3e-7c1d-8e2f-0123456789ab"
        )
    return UUID(value)


def _parse_datetime(value: Any, *, default_time: time) -> datetime:
    """Parse a date and time (RFC 3339, the offset is optional and defaults to UTC), or a date at `default_time`.

    A time before year 1 or after year 9999 in UTC becomes the earliest or latest datetime.
    """
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return datetime.combine(date.fromisoformat(value), default_time, UTC)
        match = _DATE_TIME.fullmatch(value) if isinstance(value, str) else None
        if match:
            return _to_utc(match)
    except ValueError:
        pass
    message = "Input should be a date (2025-10-01) or a date and time (2025-10-01T09:30:00Z)"
    if isinstance(value, str) and _DATE_TIME.fullmatch(value.replace(" ", "+")):
        message += "; a plus in a URL is written %2B"
    raise PydanticCustomError("datetime_parsing", message)


def _to_utc(match: re.Match[str]) -> datetime:
    fraction = (match["fraction"] or "")[:7]  # PostgreSQL keeps microseconds
    offset = (match["offset"] or "Z").upper()
    local = datetime.fromisoformat(f"{match['date']}T{match['time']}{fraction}{offset}")
    try:
        return local.astimezone(UTC)
    except OverflowError:
        return _EARLIEST if local.year == 1 else _LATEST


def _parse_integer(value: Any) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    raise PydanticCustomError("int_parsing", "Input should be an integer of at most ten digits")


def _parse_cursor(value: Any) -> str:
    if isinstance(value, str) and _CURSOR.fullmatch(value):
        return value
    raise PydanticCustomError("string_pattern_mismatch", "Input should be empty or the next_cursor of a page")


def _reject_nul(value: str) -> str:
    if "\0" in value:
        raise PydanticCustomError("string_pattern_mismatch", "Text should not contain the NUL character")
    return value


def _reject_null(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("null_not_allowed", "Input should not be null; omit the field instead")
    return value


def _float_to_integer(value: Any) -> Any:
    """Convert 2.0 to 2, because JSON Schema counts 2.0 as an integer (section 4.2.3)."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _check_legacy_timestamp(value: Any) -> Any:
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    if isinstance(value, str):
        return _reject_nul(value)
    raise PydanticCustomError("timestamp_type", "Input should be a string, a number of milliseconds, or null")


def _check_language(value: Any) -> Any:
    """Raise the error of the old service for a string that is not a language. Other types keep their own error."""
    if isinstance(value, str) and value not in _LANGUAGES:
        raise PydanticCustomError("string_pattern_mismatch", "String should match pattern '^(es|en|pt)$'")
    return value


@dataclass(frozen=True, slots=True)
class GuideLanguages:
    """The languages of each guide that the service offers: the validation context of a start."""

    languages: Mapping[str, AbstractSet[Language]]


def _check_guide(value: str, info: ValidationInfo) -> str:
    """Raise an error for a guide that the service does not have, or not in the language of the request."""
    offered = info.context.languages if isinstance(info.context, GuideLanguages) else _SHIPPED
    if value not in offered:
        names = " or ".join(f"'{name}'" for name in offered)
        raise PydanticCustomError("enum", f"Input should be {names}")
    language = info.data.get("language")
    if language and language not in offered[value]:
        codes = " or ".join(sorted(offered[value]))
        raise PydanticCustomError("enum", f"This guide is not in the language {language}, only in {codes}")
    return value


MAX_INTEGER = 2**31 - 1
"""The largest `integer` of PostgreSQL."""

WithoutNul = AfterValidator(_reject_nul)
Text = Annotated[str, StringConstraints(strict=True), WithoutNul]
Uuid = Annotated[UUID, BeforeValidator(parse_uuid)]
PositiveInteger = Annotated[int, BeforeValidator(_float_to_integer), Field(strict=True, ge=1, le=MAX_INTEGER)]
LegacyTimestamp = Annotated[Any, BeforeValidator(_check_legacy_timestamp)]
BodyLanguage = Annotated[Language, BeforeValidator(_check_language)]
BodyGuide = Annotated[str, StringConstraints(strict=True), AfterValidator(_check_guide)]
NotNull = BeforeValidator(_reject_null)
"""For optional members that cannot be null. pydantic does not validate the default."""
QueryInteger = Annotated[int, BeforeValidator(_parse_integer)]
PageCursor = Annotated[str, BeforeValidator(_parse_cursor)]
StartDate = Annotated[datetime, BeforeValidator(lambda value: _parse_datetime(value, default_time=time.min))]
EndDate = Annotated[datetime, BeforeValidator(lambda value: _parse_datetime(value, default_time=time.max))]
