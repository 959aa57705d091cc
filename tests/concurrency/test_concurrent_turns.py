"""Concurrent turns of one interview: each acknowledged answer is stored once, and the sequence numbers have no gap."""

import asyncio
from collections.abc import Sequence

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from tests.concurrency.conftest import Conference, Requests
from tests.concurrency.invariants import assert_invariants
from tests.histories.model import THE_END
from tests.support.actors import Actor
from tests.support.assertions import assert_error, assert_success
from tests.support.interviews import create_interview

CONTINUED = "Question generated successfully"
SIZES = [2, 20, 100]


def split_by_status(responses: Sequence[httpx2.Response]) -> tuple[list[int], list[int]]:
    """Return the indexes of the 200 and of the 409 responses. Assert that no other status occurred."""
    assert {response.status_code for response in responses} <= {200, 409}
    accepted = [number for number, response in enumerate(responses) if response.status_code == 200]
    rejected = [number for number, response in enumerate(responses) if response.status_code == 409]
    return accepted, rejected


def assert_moved_on(response: httpx2.Response, open_question: int) -> None:
    """Assert the 409 response to a turn whose question is no longer open."""
    error = f"Question {open_question} is the open one; read it first"
    assert_error(response, 409, "Question is not open", {"field": "question_number", "error": error})


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("meet", [False, True], ids=["no delay", "all replies at the same time"])
async def test_one_of_the_turns_with_the_same_question_number_is_stored(
    database: UnitOfWork, interview: Requests, owner: Actor, conference: Conference, n: int, meet: bool
) -> None:
    interview_id = await create_interview(database, owner)
    if meet:
        conference.meet(n)

    responses = await asyncio.gather(*(interview.continue_(interview_id, f"answer {k}", 1) for k in range(n)))

    accepted, rejected = split_by_status(responses)
    assert len(accepted) == 1
    assert len(rejected) == n - 1
    data, meta = assert_success(responses[accepted[0]], CONTINUED)
    assert (data["question_number"], meta["question_count"]) == (2, 2)
    for number in rejected:
        assert_moved_on(responses[number], open_question=2)
    assert await assert_invariants(database, interview_id) == [f"answer {accepted[0]}"]


@pytest.mark.parametrize("n", SIZES)
async def test_each_acknowledged_turn_without_question_number_is_stored_once(
    database: UnitOfWork, interview: Requests, owner: Actor, n: int
) -> None:
    interview_id = await create_interview(database, owner)

    responses = await asyncio.gather(*(interview.continue_(interview_id, f"answer {k}") for k in range(n)))

    accepted, rejected = split_by_status(responses)
    assert accepted
    numbers = {assert_success(responses[k], CONTINUED)[0]["question_number"]: f"answer {k}" for k in accepted}
    assert sorted(numbers) == list(range(2, len(accepted) + 2))
    for number in rejected:
        assert_error(responses[number], 409, "Question is not open", {"field": "question_number", "error": ...})
    assert await assert_invariants(database, interview_id) == [numbers[number] for number in sorted(numbers)]


@pytest.mark.parametrize("n", SIZES)
async def test_one_of_the_turns_that_read_the_same_question_is_stored(
    database: UnitOfWork, interview: Requests, owner: Actor, conference: Conference, n: int
) -> None:
    interview_id = await create_interview(database, owner)
    conference.meet(n)

    responses = await asyncio.gather(*(interview.continue_(interview_id, f"answer {k}") for k in range(n)))

    accepted, rejected = split_by_status(responses)
    assert len(accepted) == 1
    for number in rejected:
        assert_moved_on(responses[number], open_question=2)
    assert await assert_invariants(database, interview_id) == [f"answer {accepted[0]}"]


async def test_the_final_answer_completes_the_interview_and_others_are_409(
    database: UnitOfWork, interview: Requests, owner: Actor, conference: Conference
) -> None:
    interview_id = await create_interview(database, owner)
    conference.meet(20)

    responses = await asyncio.gather(*(interview.continue_(interview_id, THE_END) for _ in range(20)))

    accepted, rejected = split_by_status(responses)
    assert len(accepted) == 1
    assert assert_success(responses[accepted[0]], CONTINUED)[0]["is_final"] is True
    for number in rejected:
        assert_error(responses[number], 409, "Interview is not in progress", {"field": "status", "error": ...})
    assert await assert_invariants(database, interview_id) == [THE_END]


async def test_different_interviews_do_not_block_each_other(
    database: UnitOfWork, interview: Requests, owner: Actor, conference: Conference
) -> None:
    ids = [await create_interview(database, owner) for _ in range(20)]
    conference.meet(20)

    responses = await asyncio.gather(*(interview.continue_(each, "answer", 1) for each in ids))

    assert [response.status_code for response in responses] == [200] * 20
    for each in ids:
        assert await assert_invariants(database, each) == ["answer"]
