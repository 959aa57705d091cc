"""Concurrent changes of status, turns, starts and lists: every response and all rows are consistent."""

import asyncio
from itertools import cycle, islice

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from tests.concurrency.conftest import Conference, Requests
from tests.concurrency.invariants import assert_invariants
from tests.support.actors import Actor
from tests.support.assertions import assert_error, assert_success
from tests.support.interviews import create_interview, fetch_interview

STATUSES = ["completed", "cancelled", "in_progress"]


def assert_status_changed(response: httpx2.Response, status: str) -> None:
    """Assert the 200 response to a change of status."""
    data, meta = assert_success(response, "Interview status updated successfully")
    assert data["status"] == status
    assert (data["completed_at"] is not None) == (status == "completed")
    assert meta["updated_fields"] in (["status"], ["status", "completed_at"])


@pytest.mark.parametrize("n", [2, 20, 100])
async def test_concurrent_changes_of_status_all_succeed_and_one_of_them_stays(
    database: UnitOfWork, interview: Requests, owner: Actor, n: int
) -> None:
    interview_id = await create_interview(database, owner, messages=3)
    statuses = list(islice(cycle(STATUSES), n))

    responses = await asyncio.gather(*(interview.change_status(interview_id, status) for status in statuses))

    for response, status in zip(responses, statuses, strict=True):
        assert_status_changed(response, status)
    assert await assert_invariants(database, interview_id) == ["message 2"]
    assert (await fetch_interview(database, interview_id))["status"] in statuses


async def test_each_acknowledged_answer_is_stored_once_during_changes_of_status(
    database: UnitOfWork, interview: Requests, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    statuses = list(islice(cycle(reversed(STATUSES)), 15))

    answers, changes = await asyncio.gather(
        asyncio.gather(*(interview.continue_(interview_id, f"answer {k}") for k in range(15))),
        asyncio.gather(*(interview.change_status(interview_id, status) for status in statuses)),
    )

    for response, status in zip(changes, statuses, strict=True):
        assert_status_changed(response, status)
    assert {response.status_code for response in answers} <= {200, 409}
    acknowledged = [f"answer {k}" for k, response in enumerate(answers) if response.status_code == 200]
    assert sorted(await assert_invariants(database, interview_id)) == sorted(acknowledged)


@pytest.mark.parametrize("status", ["completed", "cancelled"])
async def test_409_if_the_interview_ends_during_a_turn(
    database: UnitOfWork, interview: Requests, owner: Actor, conference: Conference, status: str
) -> None:
    interview_id = await create_interview(database, owner)

    answers = asyncio.gather(*(interview.continue_(interview_id, f"answer {k}", 1) for k in range(5)))
    async with conference.hold_replies(5):
        assert_status_changed(await interview.change_status(interview_id, status), status)

    for response in await answers:
        assert_error(response, 409, "Interview is not in progress", {"field": "status", "error": ...})
    assert await assert_invariants(database, interview_id) == []


async def test_one_turn_is_stored_if_the_interview_ends_and_reopens_during_the_turns(
    database: UnitOfWork, interview: Requests, owner: Actor, conference: Conference
) -> None:
    interview_id = await create_interview(database, owner)

    answers = asyncio.gather(*(interview.continue_(interview_id, f"answer {k}", 1) for k in range(5)))
    async with conference.hold_replies(5):
        assert_status_changed(await interview.change_status(interview_id, "completed"), "completed")
        assert_status_changed(await interview.change_status(interview_id, "in_progress"), "in_progress")

    statuses = [response.status_code for response in await answers]
    assert sorted(statuses) == [200, 409, 409, 409, 409]
    assert await assert_invariants(database, interview_id) == [f"answer {statuses.index(200)}"]


async def test_every_list_is_consistent_while_interviews_are_started(
    database: UnitOfWork, interview: Requests, owner: Actor
) -> None:
    started, lists = await asyncio.gather(
        asyncio.gather(*(interview.start() for _ in range(20))),
        asyncio.gather(*(interview.list_() for _ in range(40))),
    )

    ids = {assert_success(response, "Interview started successfully")[0]["interview_id"] for response in started}
    assert len(ids) == 20
    for response in lists:
        data, meta = assert_success(response, "Interviews retrieved successfully")
        assert meta["pagination"]["total_items"] == len(data)
        assert {each["id_interview"] for each in data} <= ids
        assert [each["total_messages"] for each in data] == [1] * len(data)
        assert [each["started_at"] for each in data] == sorted((each["started_at"] for each in data), reverse=True)
    data, _ = assert_success(await interview.list_(), "Interviews retrieved successfully")
    assert {each["id_interview"] for each in data} == ids


async def test_every_get_is_consistent_while_the_interview_is_continued(
    database: UnitOfWork, interview: Requests, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)

    async def continue_repeatedly() -> None:
        for number in range(1, 11):
            response = await interview.continue_(interview_id, f"answer {number}", number)
            assert response.status_code == 200

    async def read_repeatedly() -> list[int]:
        counts = []
        while not turns.done():
            data, _ = assert_success(await interview.read(interview_id), "Interview retrieved successfully")
            assert data["total_messages"] == len(data["messages"])
            assert len(data["messages"]) % 2 == 1
            counts.append(len(data["messages"]))
        return counts

    turns = asyncio.ensure_future(continue_repeatedly())
    for counts in await asyncio.gather(*(read_repeatedly() for _ in range(3))):
        assert counts == sorted(counts)
    await turns
