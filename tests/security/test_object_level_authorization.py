"""Object-level authorization: every operation on an interview with every kind of caller."""

from collections.abc import Callable
from uuid import UUID

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from tests.support.actors import Actor
from tests.support.assertions import assert_access_denied, assert_success
from tests.support.interviews import create_interview, fetch_interview, fetch_messages

Call = tuple[str, str, dict[str, str] | None]

OPERATIONS: dict[str, Callable[[UUID], Call]] = {
    "get_interview": lambda interview: ("GET", f"/interviews/{interview}", None),
    "get_outcome": lambda interview: ("GET", f"/interviews/{interview}/outcome", None),
    "change_status": lambda interview: ("PATCH", f"/interviews/{interview}", {"status": "cancelled"}),
    "continue_interview": lambda interview: (
        "POST",
        "/interviews/continue",
        {"interview_id": str(interview), "user_response": "an answer that is long enough"},
    ),
    "export_interview": lambda interview: ("POST", "/interviews/export", {"interview_id": str(interview)}),
    "delete_interview": lambda interview: ("DELETE", f"/interviews/{interview}", None),
}

CALLERS: dict[str, tuple[int, Callable[[Actor], Actor]]] = {
    "the owner": (200, lambda owner: owner),
    "a colleague": (403, lambda owner: owner.colleague("employee")),
    "a manager of the organization": (200, lambda owner: owner.colleague("manager")),
    "an admin of the organization": (200, lambda owner: owner.colleague("admin")),
    "an employee of another organization": (403, lambda owner: owner.stranger("employee")),
    "an admin of another organization": (403, lambda owner: owner.stranger("admin")),
    "the owner in another organization": (403, lambda owner: owner.in_another_organization()),
}


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("operation", OPERATIONS)
async def test_only_the_owner_and_read_all_of_the_organization_can_access_an_interview(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, operation: str, caller: str
) -> None:
    status, create_caller = CALLERS[caller]
    interview_id = await create_interview(database, owner)
    before = await fetch_interview(database, interview_id)
    method, path, body = OPERATIONS[operation](interview_id)

    response = await client.request(
        method, path, json=body, headers=create_caller(owner).headers_with("interviews:delete")
    )

    if status == 200:
        assert response.status_code == (204 if method == "DELETE" else 200), response.text
        return
    assert_access_denied(response)
    assert await fetch_interview(database, interview_id) == before
    assert len(await fetch_messages(database, interview_id)) == 1


@pytest.mark.parametrize("caller", CALLERS)
async def test_the_list_contains_only_interviews_that_the_caller_can_read(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, caller: str
) -> None:
    status, create_caller = CALLERS[caller]
    interview_id = await create_interview(database, owner)

    response = await client.get("/interviews", headers=create_caller(owner).headers())

    listed = [each["id_interview"] for each in response.json()["data"]]
    assert listed == ([str(interview_id)] if status == 200 else [])


FORGED = {
    "id_interview": "0193b1f0-5a3e-7c1d-8e2f-0123456789ab",
    "employee_id": "0193b1f0-5a3e-7c1d-8e2f-0123456789ab",
    "organization_id": "0193b1f0-5a3e-7c1d-8e2f-0123456789ab",
    "user_name": "somebody else",
    "status": "completed",
    "completed_at": "2020-01-01T00:00:00Z",
    "started_at": "2020-01-01T00:00:00Z",
    "total_messages": 99,
    "technical_level": "expert",
    "roles": ["admin"],
}


async def test_start_ignores_members_that_a_client_cannot_set(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    response = await client.post("/interviews/start", json={**FORGED, "language": "pt"}, headers=owner.headers())

    data, _ = assert_success(response, "Interview started successfully")
    stored = await fetch_interview(database, UUID(data["interview_id"]))
    assert not {name for name in FORGED if stored[name] == FORGED[name]}
    assert (stored["employee_id"], stored["organization_id"]) == (owner.employee_id, owner.organization_id)
    assert (stored["status"], stored["total_messages"], stored["user_name"]) == ("in_progress", 1, owner.name)


async def test_a_change_of_status_changes_only_the_status(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    before = await fetch_interview(database, interview_id)

    response = await client.patch(
        f"/interviews/{interview_id}", json={**FORGED, "status": "cancelled"}, headers=owner.headers()
    )

    assert response.status_code == 200
    after = await fetch_interview(database, interview_id)
    assert {name for name in after if after[name] != before[name]} == {"status", "updated_at"}
