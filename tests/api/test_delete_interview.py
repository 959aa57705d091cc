"""DELETE /interviews/{interview_id}: one test per status and reason."""

from uuid import UUID, uuid4

import httpx2
import pytest
from piccolo.table import Table

from app.database.unit_of_work import UnitOfWork
from tables.interview import Interview
from tables.piccolo_app import APP_CONFIG
from tests.support.actors import Actor
from tests.support.assertions import (
    assert_access_denied,
    assert_interview_not_found,
    assert_permission_missing,
    assert_validation_error,
    count_statements,
)
from tests.support.interviews import create_interview, fetch_interview

DELETE = "interviews:delete"
ID_COLUMNS: dict[type[Table], str] = {
    Interview: "id_interview",
    **{
        table: column._meta.name
        for table in APP_CONFIG.table_classes
        for column in table._meta.foreign_key_columns
        if column._foreign_key_meta.resolved_references is Interview
    },
}


def _assert_deleted(response: httpx2.Response) -> None:
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-request-id"]
    assert "content-type" not in response.headers


async def _count_rows(database: UnitOfWork, interview_id: UUID) -> dict[str, int]:
    async def count() -> dict[str, int]:
        return {
            table._meta.tablename: await table.count().where(table._meta.get_column_by_name(column) == interview_id)
            for table, column in ID_COLUMNS.items()
        }

    return await database.read(count)


@pytest.mark.parametrize("status", ["in_progress", "completed", "cancelled"])
async def test_204_for_every_status_and_404_afterwards(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, status: str
) -> None:
    interview_id = await create_interview(database, owner, messages=41, status=status)
    other = await create_interview(database, owner, messages=3)

    response = await client.delete(f"/interviews/{interview_id}", headers=owner.headers_with(DELETE))

    _assert_deleted(response)
    assert count_statements(response) == 1
    assert set((await _count_rows(database, interview_id)).values()) == {0}
    rows = await _count_rows(database, other)
    assert {table: count for table, count in rows.items() if count} == {"interview": 1, "interview_message": 3}
    assert_interview_not_found(await client.get(f"/interviews/{interview_id}", headers=owner.headers()))
    again = await client.delete(f"/interviews/{interview_id}", headers=owner.headers_with(DELETE))
    assert_interview_not_found(again)
    assert count_statements(again) == 1


async def test_204_deletes_the_idempotency_records_too(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    start = {**owner.headers(), "Idempotency-Key": "start"}
    turn = {**owner.headers(), "Idempotency-Key": "turn"}
    first = (await client.post("/interviews/start", json={"language": "en"}, headers=start)).json()
    interview_id = first["data"]["interview_id"]
    body = {"interview_id": interview_id, "user_response": "my private answer"}
    assert (await client.post("/interviews/continue", json=body, headers=turn)).status_code == 200
    assert (await _count_rows(database, UUID(interview_id)))["idempotency_record"] == 2

    _assert_deleted(await client.delete(f"/interviews/{interview_id}", headers=owner.headers_with(DELETE)))

    assert set((await _count_rows(database, UUID(interview_id))).values()) == {0}
    assert_interview_not_found(await client.post("/interviews/continue", json=body, headers=turn))
    second = await client.post("/interviews/start", json={"language": "en"}, headers=start)
    assert "idempotent-replayed" not in second.headers
    assert second.json()["data"]["interview_id"] != interview_id


async def test_204_for_the_interview_of_a_colleague_with_read_all(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)

    _assert_deleted(await client.delete(f"/interviews/{interview_id}", headers=owner.colleague("admin").headers()))


@pytest.mark.parametrize("role", ["employee", "manager"])
async def test_403_without_the_permission_to_delete(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, role: str
) -> None:
    interview_id = await create_interview(database, owner)
    caller = owner.colleague(role)

    response = await client.delete(f"/interviews/{interview_id}", headers=caller.headers())

    assert_permission_missing(response, DELETE, caller.permissions)
    assert (await fetch_interview(database, interview_id))["total_messages"] == 1


@pytest.mark.parametrize("relation", ["colleague", "stranger", "in_another_organization"])
async def test_403_and_no_delete_if_the_interview_belongs_to_another_caller(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, relation: str
) -> None:
    interview_id = await create_interview(database, owner, messages=3)
    caller: Actor = getattr(owner, relation)()

    response = await client.delete(f"/interviews/{interview_id}", headers=caller.headers_with(DELETE))

    assert_access_denied(response)
    assert await _count_rows(database, interview_id) == {
        "interview": 1,
        "interview_message": 3,
        "idempotency_record": 0,
    }


async def test_404_if_the_interview_does_not_exist(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.delete(f"/interviews/{uuid4()}", headers=owner.headers_with(DELETE))

    assert_interview_not_found(response)
    assert count_statements(response) == 1


async def test_422_for_a_malformed_uuid(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.delete("/interviews/invalid-uuid", headers=owner.headers_with(DELETE))

    assert_validation_error(response, ("interview_id", "uuid_parsing"))
    assert count_statements(response) == 0
