"""Idempotency-Key on start and continue: one effect, and the first answer again."""

from uuid import UUID, uuid4

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from app.use_cases.idempotency import delete_expired_results
from tables.idempotency_record import IdempotencyRecord
from tests.api.conftest import RecordingInterviewer
from tests.support.actors import Actor
from tests.support.assertions import assert_access_denied, assert_error, assert_interviewer_unavailable
from tests.support.interviews import create_interview, fetch_messages

START, CONTINUE = "/interviews/start", "/interviews/continue"
REUSED = {"field": "Idempotency-Key", "error": ...}


def _keyed(owner: Actor, key: str) -> dict[str, str]:
    return {**owner.headers(), "Idempotency-Key": key}


async def _records(database: UnitOfWork, owner: Actor) -> int:
    async def count() -> int:
        return await IdempotencyRecord.count().where(IdempotencyRecord.employee_id == owner.employee_id)

    return await database.read(count)


async def test_200_with_the_first_answer_when_a_start_is_repeated(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    key = _keyed(owner, str(uuid4()))

    first = await client.post(START, json={"language": "en"}, headers=key)
    again = await client.post(
        START, content=b' {"x": 1, "language" : "en"}', headers={**key, "Content-Type": "application/json"}
    )

    assert first.content == again.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    listed = await client.get("/interviews", headers=owner.headers())
    assert listed.json()["meta"]["pagination"]["total_items"] == 1


async def test_200_with_the_first_answer_when_a_continue_is_repeated_even_after_the_interview_has_moved_on(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    body = {"interview_id": str(interview_id), "user_response": "x", "question_number": 1}
    key = _keyed(owner, "turn-1")

    first = await client.post(CONTINUE, json=body, headers=key)
    await client.patch(f"/interviews/{interview_id}", json={"status": "cancelled"}, headers=owner.headers())
    again = await client.post(CONTINUE, json=body, headers=key)

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    assert len(await fetch_messages(database, interview_id)) == 3


@pytest.mark.parametrize("operation", ["start", "continue"])
async def test_409_when_the_key_comes_with_another_body(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, operation: str
) -> None:
    interview_id = await create_interview(database, owner)
    path, one, other = (
        (START, {"language": "en"}, {"language": "pt"})
        if operation == "start"
        else (
            CONTINUE,
            {"interview_id": str(interview_id), "user_response": "x"},
            {"interview_id": str(interview_id), "user_response": "y"},
        )
    )
    key = _keyed(owner, "one-key")

    assert (await client.post(path, json=one, headers=key)).status_code == 200
    assert_error(await client.post(path, json=other, headers=key), 409, "Idempotency key was used before", REUSED)


async def test_a_key_is_the_callers_and_the_operations_own(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    mine, theirs = _keyed(owner, "k"), _keyed(owner.colleague(), "k")

    answers = [
        await client.post(START, json={}, headers=mine),
        await client.post(START, json={}, headers=theirs),
        await client.post(CONTINUE, json={"interview_id": str(interview_id), "user_response": "x"}, headers=mine),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert not any("idempotent-replayed" in answer.headers for answer in answers)


async def test_403_when_the_key_is_another_employees_and_so_is_the_interview(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    body = {"interview_id": str(interview_id), "user_response": "x"}
    assert (await client.post(CONTINUE, json=body, headers=_keyed(owner, "k"))).status_code == 200

    assert_access_denied(await client.post(CONTINUE, json=body, headers=_keyed(owner.colleague(), "k")))


async def test_a_refusal_leaves_nothing_behind(client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor) -> None:
    interview_id = await create_interview(database, owner, messages=3)
    body = {"interview_id": str(interview_id), "user_response": "x"}
    key = _keyed(owner, "k")

    assert (await client.post(CONTINUE, json={**body, "question_number": 1}, headers=key)).status_code == 409
    assert await _records(database, owner) == 0
    assert (await client.post(CONTINUE, json={**body, "question_number": 2}, headers=key)).status_code == 200
    assert await _records(database, owner) == 1


async def test_403_when_the_caller_may_not_reach_the_interview_any_more(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    manager = owner.colleague("manager")
    body = {"interview_id": str(await create_interview(database, owner)), "user_response": "x"}
    assert (await client.post(CONTINUE, json=body, headers=_keyed(manager, "k"))).status_code == 200

    demoted = {**manager.headers_without("interviews:read_all"), "Idempotency-Key": "k"}
    assert_access_denied(await client.post(CONTINUE, json=body, headers=demoted))


async def test_a_key_of_another_organization_is_another_key_for_the_same_employee(
    client: httpx2.AsyncClient, owner: Actor
) -> None:
    first = await client.post(START, json={}, headers=_keyed(owner, "k"))
    second = await client.post(START, json={}, headers=_keyed(owner.in_another_organization(), "k"))

    assert "idempotent-replayed" not in second.headers
    assert first.json()["data"]["interview_id"] != second.json()["data"]["interview_id"]


async def test_200_with_the_first_answer_without_asking_an_interviewer_who_fails_by_now(
    recorded: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, interviewer: RecordingInterviewer
) -> None:
    turn = {"interview_id": str(await create_interview(database, owner)), "user_response": "x"}
    requests = [(START, {}), (CONTINUE, turn)]
    first = [await recorded.post(path, json=body, headers=_keyed(owner, "k")) for path, body in requests]
    interviewer.begins_well, interviewer.behaviour = False, "fails"

    again = [await recorded.post(path, json=body, headers=_keyed(owner, "k")) for path, body in requests]

    assert [each.status_code for each in again] == [200, 200]
    assert [each.content for each in again] == [each.content for each in first]
    assert len(interviewer.shown) == 2


async def test_503_leaves_nothing_behind_and_the_key_is_good_for_another_try(
    recorded: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, interviewer: RecordingInterviewer
) -> None:
    interview_id = await create_interview(database, owner)
    body = {"interview_id": str(interview_id), "user_response": "x"}
    interviewer.behaviour = "fails"
    assert_interviewer_unavailable(await recorded.post(CONTINUE, json=body, headers=_keyed(owner, "k")))
    assert await _records(database, owner) == 0

    interviewer.behaviour = "answers"
    again = await recorded.post(CONTINUE, json=body, headers=_keyed(owner, "k"))

    assert (again.status_code, "idempotent-replayed" in again.headers) == (200, False)
    assert len(await fetch_messages(database, interview_id)) == 3


async def test_a_key_that_is_a_day_old_is_forgotten(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    key = _keyed(owner, "k")
    first = await client.post(START, json={"language": "en"}, headers=key)
    await _age(database, owner)

    second = await client.post(START, json={"language": "pt"}, headers=key)

    assert "idempotent-replayed" not in second.headers
    assert UUID(first.json()["data"]["interview_id"]) != UUID(second.json()["data"]["interview_id"])
    assert await _records(database, owner) == 1


async def test_keys_that_are_a_day_old_are_swept_and_no_others(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    fresh = owner.colleague()
    for actor in (owner, fresh):
        await client.post(START, json={}, headers=_keyed(actor, "k"))
    await _age(database, owner)

    assert await database.write(delete_expired_results, 24) == 1

    assert (await _records(database, owner), await _records(database, fresh)) == (0, 1)


async def _age(database: UnitOfWork, owner: Actor) -> None:
    """Let the owner's records be as old as they may be, and a moment more."""

    async def age() -> None:
        await IdempotencyRecord.raw(
            "UPDATE idempotency_record SET created_at = created_at - interval '24 hours 1 second' "
            "WHERE employee_id = {}",
            owner.employee_id,
        )

    await database.write(age)
