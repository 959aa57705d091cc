"""Answers remembered under an Idempotency-Key: one effect, however often the request comes.

Key and answer are written in the transaction of the effect, and nothing before it: a refusal or a crash leaves nothing
behind. Source: the IETF draft "The Idempotency-Key HTTP Header Field".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from pydantic_core import from_json, to_json

from app.database.statement import compiled
from app.domain.access import Caller
from app.domain.errors import IdempotencyKeyReused
from app.use_cases.answer import Answer
from app.use_cases.moments import new_id, now
from tables.idempotency_record import IdempotencyRecord

FIND = compiled(
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

# An insert that meets the row of a transaction under way waits for it; a row that has run out is taken over.
CLAIM = compiled(
    lambda id_record, organization_id, employee_id, operation, key, fingerprint, answer, interview_id, moment, oldest: (
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
                created_at=moment,
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

SWEEP = compiled(
    lambda oldest: (
        IdempotencyRecord.delete().where(IdempotencyRecord.created_at < oldest).returning(IdempotencyRecord.id_record)
    )
)


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A client's key on one operation.

    fingerprint: SHA-256 of the request's body. hours: how long answers are remembered.
    """

    key: str
    operation: str
    fingerprint: bytes
    hours: int

    @property
    def oldest(self) -> datetime:
        """Answers from before this moment are forgotten."""
        return now() - timedelta(hours=self.hours)


async def stored_answer(key: IdempotencyKey | None, caller: Caller) -> Answer | None:
    """The answer given under this key before, if any. Raises IdempotencyKeyReused where it was to another body."""
    if key is None:
        return None
    row = await FIND.row(
        organization_id=caller.organization_id,
        employee_id=caller.employee_id,
        operation=key.operation,
        key=key.key,
        oldest=key.oldest,
    )
    return _replay(row, key) if row else None


async def remember(key: IdempotencyKey | None, caller: Caller, answer: Answer, interview_id: UUID) -> Answer | None:
    """Store `answer` under the key; None where that succeeds, else the answer that another request stored first.

    Where it returns an answer, there is to be no effect. The interview has to be there. Raises IdempotencyKeyReused.
    """
    if key is None:
        return None
    claimed = await CLAIM.rows(
        id_record=new_id(),
        organization_id=caller.organization_id,
        employee_id=caller.employee_id,
        operation=key.operation,
        key=key.key,
        fingerprint=key.fingerprint,
        answer=to_json({"data": answer.data, "meta": answer.meta}),
        interview_id=interview_id,
        moment=now(),
        oldest=key.oldest,
    )
    if claimed:
        return None
    stored = await stored_answer(key, caller)
    return stored or await remember(key, caller, answer, interview_id)  # it was there, and has been deleted since


async def sweep(hours: int) -> int:
    """Delete the answers that are older than `hours`; how many there were."""
    return len(await SWEEP.rows(oldest=now() - timedelta(hours=hours)))


def _replay(row: asyncpg.Record, key: IdempotencyKey) -> Answer:
    if row["fingerprint"] != key.fingerprint:
        raise IdempotencyKeyReused
    stored = from_json(row["answer"])
    return Answer(stored["data"], stored["meta"], replayed=True)
