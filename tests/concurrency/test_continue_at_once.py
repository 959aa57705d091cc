"""Many answers to one interview at once: each that was acknowledged is stored once, and the numbers have no gap."""

import asyncio
from collections.abc import Sequence

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from tests.concurrency.conftest import THE_END, Conference, Requests
from tests.concurrency.invariants import invariants
from tests.support.actors import Actor
from tests.support.assertions import assert_error, assert_success
from tests.support.interviews import create_interview

CONTINUED = "Question generated successfully"
SIZES = [2, 20, 100]


def split(responses: Sequence[httpx2.Response]) -> tuple[list[int], list[int]]:
    """Which were acknowledged and which refused: numbers of the requests. Nothing but 200 and 409 came."""
    assert {response.status_code for response in responses} <= {200, 409}
    won = [number for number, response in enumerate(responses) if response.status_code == 200]
    lost = [number for number, response in enumerate(responses) if response.status_code == 409]
    return won, lost


def moved_on(response: httpx2.Response, open_question: int) -> None:
    """Assert a whole 409: somebody else has answered."""
    error = f"Question {open_question} is the open one; read it first"
    assert_error(response, 409, "Question is not open", {"field": "question_number", "error": error})


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("meet", [False, True], ids=["as they come", "all think at once"])
async def test_of_those_who_say_which_question_they_answer_exactly_one_is_heard(
    database: UnitOfWork, interview: Requests, owner: Actor, conference: Conference, n: int, meet: bool
) -> None:
    interview_id = await create_interview(database, owner)
    if meet:
        conference.meet(n)

    responses = await asyncio.gather(*(interview.continue_(interview_id, f"answer {k}", 1) for k in range(n)))

    won, lost = split(responses)
    assert len(won) == 1
    assert len(lost) == n - 1
    data, meta = assert_success(responses[won[0]], CONTINUED)
    assert (data["question_number"], meta["question_count"]) == (2, 2)
    for number in lost:
        moved_on(responses[number], open_question=2)
    assert await invariants(database, interview_id) == [f"answer {won[0]}"]


@pytest.mark.parametrize("n", SIZES)
async def test_of_those_who_do_not_say_each_acknowledged_answer_is_stored_once_and_no_other(
    database: UnitOfWork, interview: Requests, owner: Actor, n: int
) -> None:
    interview_id = await create_interview(database, owner)

    responses = await asyncio.gather(*(interview.continue_(interview_id, f"answer {k}") for k in range(n)))

    won, lost = split(responses)
    assert won
    numbers = {assert_success(responses[k], CONTINUED)[0]["question_number"]: f"answer {k}" for k in won}
    assert sorted(numbers) == list(range(2, len(won) + 2))
    for number in lost:
        assert_error(responses[number], 409, "Question is not open", {"field": "question_number", "error": ...})
    assert await invariants(database, interview_id) == [numbers[number] for number in sorted(numbers)]


@pytest.mark.parametrize("n", SIZES)
async def test_of_those_who_think_at_once_and_do_not_say_exactly_one_is_heard(
    database: UnitOfWork, interview: Requests, owner: Actor, conference: Conference, n: int
) -> None:
    interview_id = await create_interview(database, owner)
    conference.meet(n)

    responses = await asyncio.gather(*(interview.continue_(interview_id, f"answer {k}") for k in range(n)))

    won, lost = split(responses)
    assert len(won) == 1
    for number in lost:
        moved_on(responses[number], open_question=2)
    assert await invariants(database, interview_id) == [f"answer {won[0]}"]


async def test_the_final_answer_completes_the_interview_and_all_others_are_refused(
    database: UnitOfWork, interview: Requests, owner: Actor, conference: Conference
) -> None:
    interview_id = await create_interview(database, owner)
    conference.meet(20)

    responses = await asyncio.gather(*(interview.continue_(interview_id, THE_END) for _ in range(20)))

    won, lost = split(responses)
    assert len(won) == 1
    assert assert_success(responses[won[0]], CONTINUED)[0]["is_final"] is True
    for number in lost:
        assert_error(responses[number], 409, "Interview is not in progress", {"field": "status", "error": ...})
    assert await invariants(database, interview_id) == [THE_END]


async def test_different_interviews_do_not_wait_for_one_another(
    database: UnitOfWork, interview: Requests, owner: Actor, conference: Conference
) -> None:
    ids = [await create_interview(database, owner) for _ in range(20)]
    conference.meet(20)

    responses = await asyncio.gather(*(interview.continue_(each, "answer", 1) for each in ids))

    assert [response.status_code for response in responses] == [200] * 20
    for each in ids:
        assert await invariants(database, each) == ["answer"]
