"""Results stored under an Idempotency-Key: one effect, however often a client sends the request.

Key and result are written in the transaction of the effect, so an error or a crash leaves neither behind.
Source: the IETF draft "The Idempotency-Key HTTP Header Field".
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import from_json, to_json
from uuid_utils.compat import uuid7

from app.database.statement import query
from app.domain.access import Caller
from app.domain.errors import IdempotencyKeyReused
from tables.idempotency_record import IdempotencyRecord

FIND = query(
    lambda organization_id, employee_id, operation, key, oldest: IdempotencyRecord.select(
        IdempotencyRecord.fingerprint, IdempotencyRecord.answer
    ).where(
        (IdempotencyRecord.organization_id == organization_id)
        & (IdempotencyRecord.employee_id == employee_id)
        & (IdempotencyRecord.operation == operation)
        & (IdempotencyRecord.key == key)
        & (IdempotencyRecord.created_at >= oldest)
    )
)

# If another transaction is inserting the same key, the insert waits for it. An expired row is overwritten.
CLAIM = query(
    lambda id_record, organization_id, employee_id, operation, key, fingerprint, answer, interview_id, now, oldest: (
        IdempotencyRecord.insert(
            IdempotencyRecord(
                id_record=id_record,
                organization_id=organization_id,
                employee_id=employee_id,
                operation=operation,
                key=key,
                fingerprint=fingerprint,
                answer=answer,
                interview_id=interview_id,
                created_at=now,
            )
        )
        .on_conflict(
            target="idempotency_record_key_unique",
            action="DO UPDATE",
            values=[
                IdempotencyRecord.fingerprint,
                IdempotencyRecord.answer,
                IdempotencyRecord.interview_id,
                IdempotencyRecord.created_at,
            ],
            where=IdempotencyRecord.created_at < oldest,
        )
        .returning(IdempotencyRecord.id_record)
    )
)

DELETE_EXPIRED = query(
    lambda oldest: (
        IdempotencyRecord.delete().where(IdempotencyRecord.created_at < oldest).returning(IdempotencyRecord.id_record)
    )
)


@dataclass(frozen=True, slots=True)
class Result:
    """The `data` and `meta` of a success. replayed: an earlier request with the same Idempotency-Key produced them."""

    data: dict[str, Any]
    meta: dict[str, Any]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A client's key on one operation. fingerprint: SHA-256 of the request body. hours: how long results are kept."""

    key: str
    operation: str
    fingerprint: bytes
    hours: int

    @property
    def oldest(self) -> datetime:
        """The time before which stored results have expired."""
        return _expired_before(self.hours)


async def find_result(key: IdempotencyKey | None, caller: Caller) -> Result | None:
    """Return the result stored under this key, or None.

    Raises IdempotencyKeyReused if it belongs to another request body.
    """
    if key is None:
        return None
    row = await FIND.first(
        organization_id=caller.organization_id,
        employee_id=caller.employee_id,
        operation=key.operation,
        key=key.key,
        oldest=key.oldest,
    )
    return _replay(row, key) if row else None


async def store_result(key: IdempotencyKey | None, caller: Caller, result: Result, interview_id: UUID) -> Result | None:
    """Store `result` under the key, for an interview that exists.

    Returns None on success. Returns the stored result if another request has used the key: then the caller must write
    nothing. Raises IdempotencyKeyReused.
    """
    if key is None:
        return None
    claimed = await CLAIM.first(
        id_record=uuid7(),
        organization_id=caller.organization_id,
        employee_id=caller.employee_id,
        operation=key.operation,
        key=key.key,
        fingerprint=key.fingerprint,
        answer=to_json({"data": result.data, "meta": result.meta}),
        interview_id=interview_id,
        now=datetime.now(UTC),
        oldest=key.oldest,
    )
    if claimed:
        return None
    stored = await find_result(key, caller)
    return stored or await store_result(key, caller, result, interview_id)  # deleted between the two statements


async def delete_expired_results(hours: int) -> int:
    """Delete the results that are older than `hours`, and return how many there were."""
    return len(await DELETE_EXPIRED.all(oldest=_expired_before(hours)))


def _expired_before(hours: int) -> datetime:
    return datetime.now(UTC) - timedelta(hours=hours)


def _replay(row: asyncpg.Record, key: IdempotencyKey) -> Result:
    if row["fingerprint"] != key.fingerprint:
        raise IdempotencyKeyReused
    stored = from_json(row["answer"])
    return Result(stored["data"], stored["meta"], replayed=True)
