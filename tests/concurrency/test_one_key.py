"""Concurrent requests with one Idempotency-Key: one effect, one body, and all but one response are replays."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from tests.concurrency.conftest import Conference, Requests
from tests.concurrency.invariants import assert_invariants
from tests.support.actors import Actor
from tests.support.assertions import assert_error, assert_success
from tests.support.interviews import create_interview

N = 20


@pytest.fixture
def key() -> str:
    """Return an unused key."""
    return f"key-{uuid4()}"


def assert_one_effect(responses: Sequence[httpx2.Response]) -> httpx2.Response:
    """Assert that all responses are the same 200 and one of them is no replay. Return that one."""
    assert [response.status_code for response in responses] == [200] * len(responses)
    assert len({response.content for response in responses}) == 1
    first = [response for response in responses if "Idempotent-Replayed" not in response.headers]
    assert len(first) == 1
    replayed = [response.headers.get("Idempotent-Replayed") for response in responses if response is not first[0]]
    assert replayed == ["true"] * (len(responses) - 1)
    return first[0]


@pytest.mark.parametrize("meet", [False, True], ids=["no delay", "all replies at the same time"])
async def test_concurrent_starts_with_one_key_create_one_interview(
    database: UnitOfWork, interview: Requests, conference: Conference, key: str, meet: bool
) -> None:
    if meet:
        conference.meet(N)

    responses = await asyncio.gather(*(interview.start(key) for _ in range(N)))

    data, _ = assert_success(assert_one_effect(responses), "Interview started successfully")
    listed, _ = assert_success(await interview.list_(), "Interviews retrieved successfully")
    assert [each["id_interview"] for each in listed] == [data["interview_id"]]
    assert await assert_invariants(database, data["interview_id"]) == []


@pytest.mark.parametrize("number", [None, 1], ids=["without question_number", "with question_number"])
@pytest.mark.parametrize("meet", [False, True], ids=["no delay", "all replies at the same time"])
async def test_concurrent_turns_with_one_key_store_one_answer(
    database: UnitOfWork,
    interview: Requests,
    owner: Actor,
    conference: Conference,
    key: str,
    meet: bool,
    number: int | None,
) -> None:
    interview_id = await create_interview(database, owner)
    if meet:
        conference.meet(N)

    responses = await asyncio.gather(*(interview.continue_(interview_id, "mine", number, key) for _ in range(N)))

    data, _ = assert_success(assert_one_effect(responses), "Question generated successfully")
    assert data["question_number"] == 2
    assert await assert_invariants(database, interview_id) == ["mine"]


async def test_one_effect_and_409_if_two_bodies_have_one_key(
    database: UnitOfWork, interview: Requests, owner: Actor, conference: Conference, key: str
) -> None:
    interview_id = await create_interview(database, owner)
    conference.meet(N)

    responses = await asyncio.gather(
        *(interview.continue_(interview_id, f"answer {k % 2}", None, key) for k in range(N))
    )

    stored = await assert_invariants(database, interview_id)
    assert stored in (["answer 0"], ["answer 1"])
    same = [response for k, response in enumerate(responses) if f"answer {k % 2}" == stored[0]]
    other = [response for k, response in enumerate(responses) if f"answer {k % 2}" != stored[0]]
    assert_one_effect(same)
    for response in other:
        assert_error(response, 409, "Idempotency key was used before", {"field": "Idempotency-Key", "error": ...})


async def test_one_turn_is_stored_if_concurrent_turns_have_different_keys(
    database: UnitOfWork, interview: Requests, owner: Actor, conference: Conference, key: str
) -> None:
    interview_id = await create_interview(database, owner)
    conference.meet(N)

    responses = await asyncio.gather(
        *(interview.continue_(interview_id, f"answer {k}", 1, f"{key}-{k}") for k in range(N))
    )

    statuses = [response.status_code for response in responses]
    assert sorted(statuses) == [200] + [409] * (N - 1)
    assert await assert_invariants(database, interview_id) == [f"answer {statuses.index(200)}"]

    loser = statuses.index(409)
    again = await interview.continue_(interview_id, "another body", 2, f"{key}-{loser}")
    assert again.status_code == 200, "an error response stores no key"
