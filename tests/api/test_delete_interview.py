"""DELETE /interviews/{interview_id}: one test per status and reason; what is forgotten leaves nothing behind."""

from uuid import UUID, uuid4

import httpx2
import pytest
from piccolo.table import Table

from app.database.unit_of_work import UnitOfWork
from tables.idempotency_record import IdempotencyRecord
from tables.interview import Interview
from tables.interview_message import InterviewMessage
from tests.support.actors import Actor
from tests.support.assertions import (
    assert_access_denied,
    assert_interview_not_found,
    assert_permission_missing,
    assert_unauthenticated,
    assert_validation_error,
    count_statements,
)
from tests.support.interviews import create_interview, fetch_interview

DELETE = "interviews:delete"
OF_AN_INTERVIEW: dict[type[Table], str] = {
    Interview: "id_interview",
    InterviewMessage: "interview_id",
    IdempotencyRecord: "interview_id",
}


def _deleted(response: httpx2.Response) -> None:
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-request-id"]
    assert "content-type" not in response.headers


async def _rows(database: UnitOfWork, interview_id: UUID) -> dict[str, int]:
    async def count() -> dict[str, int]:
        return {
            table._meta.tablename: await table.count().where(table._meta.get_column_by_name(column) == interview_id)
            for table, column in OF_AN_INTERVIEW.items()
        }

    return await database.read(count)


@pytest.mark.parametrize("status", ["in_progress", "completed", "cancelled"])
async def test_204_whatever_its_status_and_404_from_then_on(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, status: str
) -> None:
    interview_id = await create_interview(database, owner, messages=41, status=status)
    other = await create_interview(database, owner, messages=3)

    response = await client.delete(f"/interviews/{interview_id}", headers=owner.headers_with(DELETE))

    _deleted(response)
    assert count_statements(response) == 1
    assert set((await _rows(database, interview_id)).values()) == {0}
    assert await _rows(database, other) == {"interview": 1, "interview_message": 3, "idempotency_record": 0}
    assert_interview_not_found(await client.get(f"/interviews/{interview_id}", headers=owner.headers()))
    again = await client.delete(f"/interviews/{interview_id}", headers=owner.headers_with(DELETE))
    assert_interview_not_found(again)
    assert count_statements(again) == 1


async def test_204_takes_along_what_was_remembered_under_keys(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    start = {**owner.headers(), "Idempotency-Key": "start"}
    turn = {**owner.headers(), "Idempotency-Key": "turn"}
    first = (await client.post("/interviews/start", json={"language": "en"}, headers=start)).json()
    interview_id = first["data"]["interview_id"]
    body = {"interview_id": interview_id, "user_response": "my private answer"}
    assert (await client.post("/interviews/continue", json=body, headers=turn)).status_code == 200
    assert (await _rows(database, UUID(interview_id)))["idempotency_record"] == 2

    _deleted(await client.delete(f"/interviews/{interview_id}", headers=owner.headers_with(DELETE)))

    assert set((await _rows(database, UUID(interview_id))).values()) == {0}
    assert_interview_not_found(await client.post("/interviews/continue", json=body, headers=turn))
    anew = await client.post("/interviews/start", json={"language": "en"}, headers=start)
    assert "idempotent-replayed" not in anew.headers
    assert anew.json()["data"]["interview_id"] != interview_id


async def test_204_when_the_interview_is_a_colleagues_and_the_caller_reads_the_organization(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)

    _deleted(await client.delete(f"/interviews/{interview_id}", headers=owner.colleague("admin").headers()))


async def test_401_without_a_token(client: httpx2.AsyncClient) -> None:
    assert_unauthenticated(await client.delete(f"/interviews/{uuid4()}"))


@pytest.mark.parametrize("role", ["employee", "manager"])
async def test_403_without_the_permission_to_delete(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, role: str
) -> None:
    interview_id = await create_interview(database, owner)
    caller = owner.colleague(role)

    response = await client.delete(f"/interviews/{interview_id}", headers=caller.headers())

    assert_permission_missing(response, DELETE, caller.permissions)
    assert (await fetch_interview(database, interview_id))["total_messages"] == 1


@pytest.mark.parametrize("who", ["colleague", "stranger", "in_another_organization"])
async def test_403_when_the_interview_belongs_to_someone_else_and_nothing_is_deleted(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, who: str
) -> None:
    interview_id = await create_interview(database, owner, messages=3)
    caller: Actor = getattr(owner, who)()

    response = await client.delete(f"/interviews/{interview_id}", headers=caller.headers_with(DELETE))

    assert_access_denied(response)
    assert await _rows(database, interview_id) == {"interview": 1, "interview_message": 3, "idempotency_record": 0}


async def test_404_when_there_is_no_such_interview(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.delete(f"/interviews/{uuid4()}", headers=owner.headers_with(DELETE))

    assert_interview_not_found(response)
    assert count_statements(response) == 1


async def test_422_when_the_id_is_malformed(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.delete("/interviews/invalid-uuid", headers=owner.headers_with(DELETE))

    assert_validation_error(response, ("interview_id", "uuid_parsing"))
    assert count_statements(response) == 0
