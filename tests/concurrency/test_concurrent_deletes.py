"""An interview that is deleted while others change it: no concurrent request restores a part of it."""

import asyncio

import pytest

from app.database.unit_of_work import UnitOfWork
from tables.idempotency_record import IdempotencyRecord
from tables.interview import Interview
from tables.interview_message import InterviewMessage
from tests.concurrency.conftest import Conference, Requests
from tests.support.actors import Actor
from tests.support.assertions import assert_interview_not_found
from tests.support.interviews import create_interview


async def _count_rows(database: UnitOfWork, interview_id: object) -> list[int]:
    async def count() -> list[int]:
        return [
            await Interview.count().where(Interview.id_interview == interview_id),
            await InterviewMessage.count().where(InterviewMessage.interview_id == interview_id),
            await IdempotencyRecord.count().where(IdempotencyRecord.interview_id == interview_id),
        ]

    return await database.read(count)


@pytest.mark.parametrize("n", [2, 20])
async def test_one_of_the_concurrent_deletes_is_204_and_the_others_are_404(
    database: UnitOfWork, interview: Requests, owner: Actor, n: int
) -> None:
    interview_id = await create_interview(database, owner, messages=3)

    responses = await asyncio.gather(*(interview.delete(interview_id) for _ in range(n)))

    assert sorted(response.status_code for response in responses) == [204] + [404] * (n - 1)
    for response in responses:
        if response.status_code == 404:
            assert_interview_not_found(response)
    assert await _count_rows(database, interview_id) == [0, 0, 0]


@pytest.mark.parametrize("key", [None, "one-key"], ids=["", "with Idempotency-Key"])
async def test_404_if_the_interview_is_deleted_during_a_turn(
    database: UnitOfWork, interview: Requests, owner: Actor, conference: Conference, key: str | None
) -> None:
    interview_id = await create_interview(database, owner)

    turn = asyncio.create_task(interview.continue_(interview_id, "too late", key=key))
    async with conference.hold_replies(1):
        deleted = await interview.delete(interview_id)

    assert deleted.status_code == 204
    assert_interview_not_found(await turn)
    assert await _count_rows(database, interview_id) == [0, 0, 0]


async def test_200_404_or_409_and_no_rows_after_concurrent_turns_changes_and_a_delete(
    database: UnitOfWork, interview: Requests, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)

    *others, deleted = await asyncio.gather(
        *(interview.continue_(interview_id, f"answer {k}", key=f"{interview_id}-{k}") for k in range(10)),
        *(interview.change_status(interview_id, "completed") for _ in range(5)),
        *(interview.read(interview_id) for _ in range(5)),
        interview.delete(interview_id),
    )

    assert deleted.status_code == 204
    assert {response.status_code for response in others} <= {200, 404, 409}
    assert await _count_rows(database, interview_id) == [0, 0, 0]
