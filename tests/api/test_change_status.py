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
    assert_validation_error,
    parse_timestamp,
)
from tests.support.interviews import create_interview, fetch_interview

CHANGED = "Interview status updated successfully"
STATUSES = ["in_progress", "completed", "cancelled"]


@pytest.mark.parametrize(("before", "after"), list(product(STATUSES, STATUSES)))
async def test_200_for_every_change_from_one_status_to_another(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, before: str, after: str
) -> None:
    interview_id = await create_interview(database, owner, status=before, messages=3)
    stored_before = await fetch_interview(database, interview_id)

    response = await client.patch(f"/interviews/{interview_id}", json={"status": after}, headers=owner.headers())

    data, meta = assert_success(response, CHANGED)
    assert set(data) == INTERVIEW_KEYS
    assert (data["id_interview"], data["status"], data["total_messages"]) == (str(interview_id), after, 3)
    assert (data["completed_at"] is not None) == (after == "completed")
    updated_fields = ["status"] if (before == "completed") == (after == "completed") else ["status", "completed_at"]
    assert meta == {
        "interview_id": str(interview_id),
        "employee_id": str(owner.employee_id),
        "updated_fields": updated_fields,
    }
    stored = await fetch_interview(database, interview_id)
    assert stored["status"] == after
    if before == after == "completed":
        assert stored["completed_at"] == stored_before["completed_at"]
    assert int(response.headers["server-timing"].rpartition("=")[2]) <= 2


async def test_200_sets_completed_at_and_clears_it_if_the_interview_is_reopened(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    completed_at = []
    for status in ("completed", "completed", "in_progress", "completed"):
        response = await client.patch(f"/interviews/{interview_id}", json={"status": status}, headers=owner.headers())
        completed_at.append(assert_success(response, CHANGED)[0]["completed_at"])

    assert completed_at[0] == completed_at[1]
    assert completed_at[2] is None
    assert parse_timestamp(completed_at[0]) < parse_timestamp(completed_at[3])
    read = await client.get(f"/interviews/{interview_id}", headers=owner.headers())
    assert read.json()["data"]["completed_at"] == completed_at[3]


@pytest.mark.parametrize("role", ["manager", "admin"])
async def test_200_for_the_interview_of_a_colleague_with_read_all(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, role: str
) -> None:
    interview_id = await create_interview(database, owner)

    response = await client.patch(
        f"/interviews/{interview_id}", json={"status": "cancelled"}, headers=owner.colleague(role).headers()
    )

    assert assert_success(response, CHANGED)[0]["employee_id"] == str(owner.employee_id)


async def test_403_without_the_permission_to_update(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.patch(
        f"/interviews/{uuid4()}", json={"status": "completed"}, headers=owner.headers_without("interviews:update")
    )

    held = [name for name in owner.permissions if name != "interviews:update"]
    assert_permission_missing(response, "interviews:update", held)


async def test_403_if_the_interview_belongs_to_another_employee(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)

    response = await client.patch(
        f"/interviews/{interview_id}", json={"status": "completed"}, headers=owner.colleague().headers()
    )

    assert_access_denied(response)
    assert (await fetch_interview(database, interview_id))["status"] == "in_progress"


async def test_404_if_the_interview_does_not_exist(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.patch(f"/interviews/{uuid4()}", json={"status": "completed"}, headers=owner.headers())

    assert_interview_not_found(response)
    assert response.headers["server-timing"] == "statements;desc=1"


@pytest.mark.parametrize("body", [{}, {"status": "done"}, {"status": None}, {"status": 1}, {"status": ["completed"]}])
async def test_422_if_the_status_is_missing_or_invalid(
    client: httpx2.AsyncClient, owner: Actor, body: dict[str, object]
) -> None:
    response = await client.patch(f"/interviews/{uuid4()}", json=body, headers=owner.headers())

    assert_validation_error(response, ("status", "enum" if body else "missing"))


async def test_415_if_the_body_is_not_declared_as_json(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.patch(f"/interviews/{uuid4()}", content=b"{}", headers=owner.headers())

    assert_error(response, 415, "Unsupported media type", {"field": "body", "error": ...})
