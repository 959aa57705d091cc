"""Time limits: a request that exceeds one is a 503 with Retry-After, and writes nothing."""

import asyncpg
import httpx2
from starlette.applications import Starlette

from app.database.unit_of_work import UnitOfWork
from app.settings import Settings
from tests.api.conftest import RecordingInterviewer
from tests.support.actors import Actor
from tests.support.assertions import assert_database_unavailable, assert_error
from tests.support.clients import open_client
from tests.support.interviews import create_interview, fetch_interview, fetch_messages

CONTINUE = "/interviews/continue"


async def test_503_if_the_row_stays_locked(
    settings: Settings, database: UnitOfWork, database_url: str, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    locker = await asyncpg.connect(database_url)
    try:
        async with locker.transaction(), open_client(settings, lock_timeout=0.1) as client:
            await locker.execute("SELECT 1 FROM interview WHERE id_interview = $1 FOR UPDATE", interview_id)
            response = await client.patch(
                f"/interviews/{interview_id}", json={"status": "completed"}, headers=owner.headers()
            )
    finally:
        await locker.close()

    assert_database_unavailable(response)
    assert (await fetch_interview(database, interview_id))["status"] == "in_progress"


async def test_503_and_no_write_if_the_row_is_locked_while_the_turn_is_stored(
    settings: Settings, database: UnitOfWork, database_url: str, owner: Actor, interviewer: RecordingInterviewer
) -> None:
    interview_id = await create_interview(database, owner)
    locker = await asyncpg.connect(database_url)
    try:
        async with locker.transaction(), open_client(settings, interviewer, lock_timeout=0.1) as client:
            await locker.execute("SELECT 1 FROM interview WHERE id_interview = $1 FOR UPDATE", interview_id)
            body = {"interview_id": str(interview_id), "user_response": "x"}
            response = await client.post(CONTINUE, json=body, headers=owner.headers())
    finally:
        await locker.close()

    assert_database_unavailable(response)
    assert len(interviewer.conversations) == 1
    assert len(await fetch_messages(database, interview_id)) == 1


async def test_200_for_reads_while_a_row_is_locked(
    client: httpx2.AsyncClient, database: UnitOfWork, database_url: str, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    locker = await asyncpg.connect(database_url)
    try:
        async with locker.transaction():
            await locker.execute("SELECT 1 FROM interview WHERE id_interview = $1 FOR UPDATE", interview_id)
            responses = [
                await client.get("/interviews", headers=owner.headers()),
                await client.get(f"/interviews/{interview_id}", headers=owner.headers()),
                await client.post(
                    "/interviews/export", json={"interview_id": str(interview_id)}, headers=owner.headers()
                ),
                await client.post("/interviews/start", json={}, headers=owner.headers()),
            ]
    finally:
        await locker.close()

    assert [response.status_code for response in responses] == [200, 200, 200, 200]


async def test_503_if_a_statement_times_out(
    settings: Settings, database: UnitOfWork, database_url: str, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    locker = await asyncpg.connect(database_url)
    try:
        async with locker.transaction(), open_client(settings, statement_timeout=0.1) as client:
            await locker.execute("LOCK TABLE interview_message IN ACCESS EXCLUSIVE MODE")
            response = await client.get(f"/interviews/{interview_id}", headers=owner.headers())
    finally:
        await locker.close()

    assert_database_unavailable(response)


async def test_503_if_no_connection_is_free_and_200_after_one_is_released(settings: Settings, owner: Actor) -> None:
    async with open_client(settings, pool_max_size=1, pool_acquire_timeout=1.0) as client:
        held = await _database(client).acquire()
        response = await client.get("/interviews", headers=owner.headers())
        _database(client).release(held)

        assert_database_unavailable(response)
        assert (await client.get("/interviews", headers=owner.headers())).status_code == 200


async def test_503_if_the_request_times_out(
    client: httpx2.AsyncClient,
    settings: Settings,
    database: UnitOfWork,
    owner: Actor,
    interviewer: RecordingInterviewer,
) -> None:
    interviewer.behaviour, interviewer.first_question_succeeds = "hangs", False
    interview_id = await create_interview(database, owner)
    requests = {CONTINUE: {"interview_id": str(interview_id), "user_response": "x"}, "/interviews/start": {}}

    async with open_client(settings, interviewer, request_timeout=0.2, interviewer_timeout=60.0) as impatient_client:
        for path, body in requests.items():
            response = await impatient_client.post(path, json=body, headers=owner.headers())
            assert_error(response, 503, "Request timed out", {"field": "request", "error": ...})

    assert len(await fetch_messages(database, interview_id)) == 1
    listed = await client.get("/interviews", headers=owner.headers())
    assert listed.json()["meta"]["pagination"]["total_items"] == 1


def _database(client: httpx2.AsyncClient) -> object:
    transport = client._transport
    assert isinstance(transport, httpx2.ASGITransport)
    app = transport.app
    assert isinstance(app, Starlette)
    return app.state.services.database
