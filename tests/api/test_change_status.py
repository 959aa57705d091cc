"""PATCH /interviews/{interview_id}: one test per status and reason (requirement 4)."""

from itertools import product
from uuid import uuid4

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from tests.support.actors import Actor
from tests.support.assertions import (
    INTERVIEW_KEYS,
    assert_access_denied,
    assert_error,
    assert_interview_not_found,
    assert_permission_missing,
    assert_success,
    assert_unauthenticated,
    assert_validation_error,
    parse_timestamp,
)
from tests.support.interviews import create_interview, fetch_interview

CHANGED = "Interview status updated successfully"
STATUSES = ["in_progress", "completed", "cancelled"]


@pytest.mark.parametrize(("before", "after"), list(product(STATUSES, STATUSES)))
async def test_200_whatever_status_follows_whatever_status(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, before: str, after: str
) -> None:
    interview_id = await create_interview(database, owner, status=before, messages=3)
    was = await fetch_interview(database, interview_id)

    response = await client.patch(f"/interviews/{interview_id}", json={"status": after}, headers=owner.headers())

    data, meta = assert_success(response, CHANGED)
    assert set(data) == INTERVIEW_KEYS
    assert (data["id_interview"], data["status"], data["total_messages"]) == (str(interview_id), after, 3)
    assert (data["completed_at"] is not None) == (after == "completed")
    changed = ["status"] if (before == "completed") == (after == "completed") else ["status", "completed_at"]
    assert meta == {
        "interview_id": str(interview_id),
        "employee_id": str(owner.employee_id),
        "updated_fields": changed,
    }
    stored = await fetch_interview(database, interview_id)
    assert stored["status"] == after
    if before == after == "completed":
        assert stored["completed_at"] == was["completed_at"]
    assert int(response.headers["server-timing"].rpartition("=")[2]) <= 2


async def test_200_tells_the_moment_of_completion_and_clears_it_on_reopening(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    told = []
    for status in ("completed", "completed", "in_progress", "completed"):
        response = await client.patch(f"/interviews/{interview_id}", json={"status": status}, headers=owner.headers())
        told.append(assert_success(response, CHANGED)[0]["completed_at"])

    assert told[0] == told[1]
    assert told[2] is None
    assert parse_timestamp(told[0]) < parse_timestamp(told[3])
    read = await client.get(f"/interviews/{interview_id}", headers=owner.headers())
    assert read.json()["data"]["completed_at"] == told[3]


@pytest.mark.parametrize("role", ["manager", "admin"])
async def test_200_when_the_interview_is_a_colleagues_and_the_caller_reads_the_organization(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, role: str
) -> None:
    interview_id = await create_interview(database, owner)

    response = await client.patch(
        f"/interviews/{interview_id}", json={"status": "cancelled"}, headers=owner.colleague(role).headers()
    )

    assert assert_success(response, CHANGED)[0]["employee_id"] == str(owner.employee_id)


async def test_401_without_a_token(client: httpx2.AsyncClient) -> None:
    assert_unauthenticated(await client.patch(f"/interviews/{uuid4()}", json={"status": "completed"}))


async def test_403_without_the_permission_to_update(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.patch(
        f"/interviews/{uuid4()}", json={"status": "completed"}, headers=owner.headers_without("interviews:update")
    )

    held = [name for name in owner.permissions if name != "interviews:update"]
    assert_permission_missing(response, "interviews:update", held)


async def test_403_when_the_interview_belongs_to_another_employee(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)

    response = await client.patch(
        f"/interviews/{interview_id}", json={"status": "completed"}, headers=owner.colleague().headers()
    )

    assert_access_denied(response)
    assert (await fetch_interview(database, interview_id))["status"] == "in_progress"


async def test_404_when_there_is_no_such_interview(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.patch(f"/interviews/{uuid4()}", json={"status": "completed"}, headers=owner.headers())

    assert_interview_not_found(response)
    assert response.headers["server-timing"] == "statements;desc=1"


@pytest.mark.parametrize("body", [{}, {"status": "done"}, {"status": None}, {"status": 1}, {"status": ["completed"]}])
async def test_422_when_the_status_is_none(client: httpx2.AsyncClient, owner: Actor, body: dict[str, object]) -> None:
    response = await client.patch(f"/interviews/{uuid4()}", json=body, headers=owner.headers())

    assert_validation_error(response, ("status", "enum" if body else "missing"))


async def test_422_when_the_id_is_malformed(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.patch("/interviews/invalid-uuid", json={"status": "completed"}, headers=owner.headers())

    assert_validation_error(response, ("interview_id", "uuid_parsing"))


async def test_415_when_the_body_is_not_declared_as_json(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.patch(f"/interviews/{uuid4()}", content=b"{}", headers=owner.headers())

    assert_error(response, 415, "Unsupported media type", {"field": "body", "error": ...})
