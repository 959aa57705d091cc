"""Whatever takes too long is a 503 with Retry-After, never a hang, never a bare 500, and nothing is written."""

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


async def test_503_when_the_row_stays_locked(
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


async def test_503_and_nothing_written_when_the_row_is_locked_while_the_turn_is_stored(
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
    assert len(interviewer.shown) == 1
    assert len(await fetch_messages(database, interview_id)) == 1


async def test_200_for_those_who_read_while_a_row_is_locked(
    client: httpx2.AsyncClient, database: UnitOfWork, database_url: str, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    locker = await asyncpg.connect(database_url)
    try:
        async with locker.transaction():
            await locker.execute("SELECT 1 FROM interview WHERE id_interview = $1 FOR UPDATE", interview_id)
            answers = [
                await client.get("/interviews", headers=owner.headers()),
                await client.get(f"/interviews/{interview_id}", headers=owner.headers()),
                await client.post(
                    "/interviews/export", json={"interview_id": str(interview_id)}, headers=owner.headers()
                ),
                await client.post("/interviews/start", json={}, headers=owner.headers()),
            ]
    finally:
        await locker.close()

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200]


async def test_503_when_a_statement_takes_too_long(
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


async def test_503_when_no_connection_is_free_and_200_once_one_is(settings: Settings, owner: Actor) -> None:
    async with open_client(settings, pool_max_size=1, pool_acquire_timeout=0.1) as client:
        held = await _database(client).acquire()
        response = await client.get("/interviews", headers=owner.headers())
        _database(client).release(held)

        assert_database_unavailable(response)
        assert (await client.get("/interviews", headers=owner.headers())).status_code == 200


async def test_503_when_the_whole_request_takes_too_long(
    client: httpx2.AsyncClient,
    settings: Settings,
    database: UnitOfWork,
    owner: Actor,
    interviewer: RecordingInterviewer,
) -> None:
    interviewer.behaviour, interviewer.begins_well = "hangs", False
    interview_id = await create_interview(database, owner)
    requests = {CONTINUE: {"interview_id": str(interview_id), "user_response": "x"}, "/interviews/start": {}}

    async with open_client(settings, interviewer, request_timeout=0.2, interviewer_timeout=60.0) as hurried:
        for path, body in requests.items():
            response = await hurried.post(path, json=body, headers=owner.headers())
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
