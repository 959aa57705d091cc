"""POST /interviews/export: one test per status and reason (requirement 1)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from tests.support.actors import Actor
from tests.support.assertions import (
    assert_error,
    assert_interview_not_found,
    assert_method_not_allowed,
    assert_permission_missing,
    assert_success,
    assert_validation_error,
)
from tests.support.interviews import create_interview

EXPORT = "/interviews/export"
EXPORTED = "Interview data exported successfully"


@pytest.mark.parametrize("status", ["in_progress", "completed", "cancelled"])
async def test_200_with_the_whole_document(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, status: str
) -> None:
    started = datetime.now(UTC) - timedelta(minutes=7)
    interview_id = await create_interview(database, owner, messages=5, started_at=started, status=status)

    response = await client.post(EXPORT, json={"interview_id": str(interview_id)}, headers=owner.headers())

    data, meta = assert_success(response, EXPORTED)
    history = data.pop("conversation_history")
    outcome = await client.get(f"/interviews/{interview_id}/outcome", headers=owner.headers())
    assert data.pop("outcome") == outcome.json()["data"]
    assert [(each["role"], each["content"]) for each in history] == [
        ("user" if number % 2 == 0 else "assistant", f"message {number}") for number in range(1, 6)
    ]
    assert data == {
        "session_id": None,
        "user_id": str(owner.employee_id),
        "user_name": owner.name,
        "user_role": "employee",
        "organization": owner.organization_name,
        "interview_id": str(interview_id),
        "interview_date": started.isoformat(timespec="microseconds"),
        "interview_duration_minutes": 0 if status == "completed" else None,
        "total_questions": 3,
        "total_user_responses": 2,
        "is_complete": status == "completed",
        "processes_referenced": [],
        "context_used": {
            "employee_name": owner.name,
            "organization_name": owner.organization_name,
            "roles": ["employee"],
            "existing_processes_count": 0,
        },
    }
    assert datetime.fromisoformat(meta.pop("export_date")).utcoffset() == timedelta()
    assert meta == {
        "interview_id": str(interview_id),
        "language": "es",
        "technical_level": "unknown",
        "data_source": "database",
        "process_references_count": 0,
    }


async def test_200_names_the_owner_and_the_duration_if_an_admin_exports(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    started = datetime.now(UTC) - timedelta(minutes=7, seconds=59)
    interview_id = await create_interview(database, owner, started_at=started)
    await client.patch(f"/interviews/{interview_id}", json={"status": "completed"}, headers=owner.headers())
    admin = Actor(owner.key_dir, "admin", organization_id=owner.organization_id, name="Ada", organization_name="?")

    data, _ = assert_success(
        await client.post(EXPORT, json={"interview_id": str(interview_id).upper()}, headers=admin.headers()), EXPORTED
    )

    assert (data["user_id"], data["user_name"], data["user_role"], data["organization"]) == (
        str(owner.employee_id),
        owner.name,
        "employee",
        owner.organization_name,
    )
    assert (data["interview_duration_minutes"], data["is_complete"]) == (7, True)


async def test_403_without_the_permission_to_export(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.post(
        EXPORT, json={"interview_id": str(uuid4())}, headers=owner.headers_without("interviews:export")
    )

    held = [name for name in owner.permissions if name != "interviews:export"]
    assert_permission_missing(response, "interviews:export", held)


@pytest.mark.parametrize("role", ["employee", "admin"])
async def test_404_if_the_interview_does_not_exist(client: httpx2.AsyncClient, owner: Actor, role: str) -> None:
    response = await client.post(EXPORT, json={"interview_id": str(uuid4())}, headers=owner.colleague(role).headers())

    assert_interview_not_found(response)
    assert response.headers["server-timing"] == "statements;desc=1"


async def test_405_for_methods_other_than_post(client: httpx2.AsyncClient, owner: Actor) -> None:
    assert_method_not_allowed(await client.get(EXPORT, headers=owner.headers()), "POST")


async def test_415_if_the_body_is_not_declared_as_json(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.post(EXPORT, content=b"{}", headers=owner.headers())

    assert_error(response, 415, "Unsupported media type", {"field": "body", "error": ...})


@pytest.mark.parametrize(
    ("body", "error_type"),
    [({}, "missing"), ({"interview_id": "invalid-uuid"}, "uuid_parsing"), ({"interview_id": 1}, "uuid_parsing")],
)
async def test_422_if_the_id_is_missing_or_malformed(
    client: httpx2.AsyncClient, owner: Actor, body: dict[str, object], error_type: str
) -> None:
    assert_validation_error(await client.post(EXPORT, json=body, headers=owner.headers()), ("interview_id", error_type))
