"""Idempotency-Key on start and continue: one effect, and the first response is replayed."""

from datetime import timedelta
from uuid import UUID, uuid4

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from app.http.schemas import StartRequest
from app.use_cases.idempotency import delete_expired_results
from tables.idempotency_record import IdempotencyRecord
from tests.api.conftest import RecordingInterviewer
from tests.support.actors import Actor
from tests.support.assertions import assert_access_denied, assert_error, assert_interviewer_unavailable
from tests.support.interviews import create_interview, fetch_messages

START, CONTINUE = "/interviews/start", "/interviews/continue"
REUSED = {"field": "Idempotency-Key", "error": ...}


def _headers(owner: Actor, key: str) -> dict[str, str]:
    return {**owner.headers(), "Idempotency-Key": key}


async def _count_records(database: UnitOfWork, owner: Actor) -> int:
    async def count() -> int:
        return await IdempotencyRecord.count().where(IdempotencyRecord.employee_id == owner.employee_id)

    return await database.read(count)


async def test_200_replays_a_repeated_start(client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor) -> None:
    key = _headers(owner, str(uuid4()))

    first = await client.post(START, json={"language": "en"}, headers=key)
    again = await client.post(
        START, content=b' {"x": 1, "language" : "en"}', headers={**key, "Content-Type": "application/json"}
    )

    assert first.content == again.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    listed = await client.get("/interviews", headers=owner.headers())
    assert listed.json()["meta"]["pagination"]["total_items"] == 1


async def test_200_replays_a_repeated_continue_after_the_interview_has_changed(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    body = {"interview_id": str(interview_id), "user_response": "x", "question_number": 1}
    key = _headers(owner, "turn-1")

    first = await client.post(CONTINUE, json=body, headers=key)
    await client.patch(f"/interviews/{interview_id}", json={"status": "cancelled"}, headers=owner.headers())
    again = await client.post(CONTINUE, json=body, headers=key)

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    assert len(await fetch_messages(database, interview_id)) == 3


def test_the_default_guide_does_not_change_the_fingerprint_of_a_body_that_an_older_version_stored() -> None:
    body = StartRequest.model_validate({"language": "en", "guide": "process-discovery"})
    other = StartRequest.model_validate({"language": "en", "guide": "software-requirements"})

    assert body.model_dump_json() == '{"language":"en"}'
    assert other.model_dump_json() == '{"language":"en","guide":"software-requirements"}'


@pytest.mark.parametrize("operation", ["start", "continue"])
async def test_409_if_the_key_is_reused_with_another_body(
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
    key = _headers(owner, "one-key")

    assert (await client.post(path, json=one, headers=key)).status_code == 200
    assert_error(await client.post(path, json=other, headers=key), 409, "Idempotency key was used before", REUSED)


async def test_a_key_belongs_to_one_caller_and_one_operation(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    mine, theirs = _headers(owner, "k"), _headers(owner.colleague(), "k")

    responses = [
        await client.post(START, json={}, headers=mine),
        await client.post(START, json={}, headers=theirs),
        await client.post(CONTINUE, json={"interview_id": str(interview_id), "user_response": "x"}, headers=mine),
    ]

    assert [response.status_code for response in responses] == [200, 200, 200]
    assert not any("idempotent-replayed" in response.headers for response in responses)


async def test_403_for_the_key_and_the_interview_of_another_employee(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    body = {"interview_id": str(interview_id), "user_response": "x"}
    assert (await client.post(CONTINUE, json=body, headers=_headers(owner, "k"))).status_code == 200

    assert_access_denied(await client.post(CONTINUE, json=body, headers=_headers(owner.colleague(), "k")))


async def test_an_error_stores_no_record(client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor) -> None:
    interview_id = await create_interview(database, owner, messages=3)
    body = {"interview_id": str(interview_id), "user_response": "x"}
    key = _headers(owner, "k")

    assert (await client.post(CONTINUE, json={**body, "question_number": 1}, headers=key)).status_code == 409
    assert await _count_records(database, owner) == 0
    assert (await client.post(CONTINUE, json={**body, "question_number": 2}, headers=key)).status_code == 200
    assert await _count_records(database, owner) == 1


async def test_403_if_the_caller_can_no_longer_access_the_interview(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    manager = owner.colleague("manager")
    body = {"interview_id": str(await create_interview(database, owner)), "user_response": "x"}
    assert (await client.post(CONTINUE, json=body, headers=_headers(manager, "k"))).status_code == 200

    demoted = {**manager.headers_without("interviews:read_all"), "Idempotency-Key": "k"}
    assert_access_denied(await client.post(CONTINUE, json=body, headers=demoted))


async def test_the_same_key_in_another_organization_is_another_key(client: httpx2.AsyncClient, owner: Actor) -> None:
    first = await client.post(START, json={}, headers=_headers(owner, "k"))
    second = await client.post(START, json={}, headers=_headers(owner.in_another_organization(), "k"))

    assert "idempotent-replayed" not in second.headers
    assert first.json()["data"]["interview_id"] != second.json()["data"]["interview_id"]


async def test_200_replays_a_response_without_calling_the_interviewer(
    recording_client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, interviewer: RecordingInterviewer
) -> None:
    turn = {"interview_id": str(await create_interview(database, owner)), "user_response": "x"}
    requests = [(START, {}), (CONTINUE, turn)]
    first = [await recording_client.post(path, json=body, headers=_headers(owner, "k")) for path, body in requests]
    interviewer.first_question_succeeds, interviewer.behaviour = False, "fails"

    again = [await recording_client.post(path, json=body, headers=_headers(owner, "k")) for path, body in requests]

    assert [each.status_code for each in again] == [200, 200]
    assert [each.content for each in again] == [each.content for each in first]
    assert len(interviewer.conversations) == 2


async def test_503_stores_no_record_and_the_key_can_be_used_again(
    recording_client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, interviewer: RecordingInterviewer
) -> None:
    interview_id = await create_interview(database, owner)
    body = {"interview_id": str(interview_id), "user_response": "x"}
    interviewer.behaviour = "fails"
    assert_interviewer_unavailable(await recording_client.post(CONTINUE, json=body, headers=_headers(owner, "k")))
    assert await _count_records(database, owner) == 0

    interviewer.behaviour = "responses"
    again = await recording_client.post(CONTINUE, json=body, headers=_headers(owner, "k"))

    assert (again.status_code, "idempotent-replayed" in again.headers) == (200, False)
    assert len(await fetch_messages(database, interview_id)) == 3


async def test_a_key_expires_after_a_day(client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor) -> None:
    key = _headers(owner, "k")
    first = await client.post(START, json={"language": "en"}, headers=key)
    await _expire_records(database, owner)

    second = await client.post(START, json={"language": "pt"}, headers=key)

    assert "idempotent-replayed" not in second.headers
    assert UUID(first.json()["data"]["interview_id"]) != UUID(second.json()["data"]["interview_id"])
    assert await _count_records(database, owner) == 1


async def test_a_key_is_kept_for_a_day(client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor) -> None:
    key = _headers(owner, "k")
    first = await client.post(START, json={"language": "en"}, headers=key)
    await _age_records(database, owner, timedelta(hours=23, minutes=59))
    assert await database.write(delete_expired_results, 24) == 0

    second = await client.post(START, json={"language": "en"}, headers=key)

    assert second.headers["idempotent-replayed"] == "true"
    assert second.json() == first.json()


async def test_only_expired_keys_are_deleted(client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor) -> None:
    fresh = owner.colleague()
    for actor in (owner, fresh):
        await client.post(START, json={}, headers=_headers(actor, "k"))
    await _expire_records(database, owner)

    assert await database.write(delete_expired_results, 24) == 1

    assert (await _count_records(database, owner), await _count_records(database, fresh)) == (0, 1)


async def _expire_records(database: UnitOfWork, owner: Actor) -> None:
    """Make the owner's records one second older than their time to live."""
    await _age_records(database, owner, timedelta(hours=24, seconds=1))


async def _age_records(database: UnitOfWork, owner: Actor, age: timedelta) -> None:
    async def subtract() -> None:
        await IdempotencyRecord.raw(
            "UPDATE idempotency_record SET created_at = created_at - {}::interval WHERE employee_id = {}",
            age,
            owner.employee_id,
        )

    await database.write(subtract)
