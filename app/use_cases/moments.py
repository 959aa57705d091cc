"""Time and identity of what is stored."""

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """A moment as it stands on the wire: ISO 8601 in UTC with offset, always with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562): later ones sort behind earlier ones, which keeps the indexes compact."""
    return uuid7()
