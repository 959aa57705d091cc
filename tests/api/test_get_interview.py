"""GET /interviews/{interview_id}: one test per status and reason (requirement 3)."""

from uuid import uuid4

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from tests.support.actors import Actor
from tests.support.assertions import (
    INTERVIEW_KEYS,
    assert_access_denied,
    assert_interview_not_found,
    assert_method_not_allowed,
    assert_permission_missing,
    assert_success,
    assert_validation_error,
    parse_timestamp,
)
from tests.support.interviews import create_interview

UUID = "0193b1f0-5a3e-7c1d-8e2f-0123456789ab"


async def test_200_with_every_message_in_order(client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor) -> None:
    interview_id = await create_interview(database, owner, messages=5)

    response = await client.get(f"/interviews/{interview_id}", headers=owner.headers())

    data, meta = assert_success(response, "Interview retrieved successfully")
    assert set(data) == INTERVIEW_KEYS | {"messages"}
    assert [message["sequence_number"] for message in data["messages"]] == [1, 2, 3, 4, 5]
    assert [message["role"] for message in data["messages"]] == ["assistant", "user"] * 2 + ["assistant"]
    assert set(data["messages"][0]) == {"id_message", "role", "content", "sequence_number", "created_at"}
    assert meta == {"interview_id": str(interview_id), "employee_id": str(owner.employee_id)}
    parse_timestamp(data["started_at"])
    assert data["completed_at"] is None
    assert [parse_timestamp(message["created_at"]) for message in data["messages"]]


@pytest.mark.parametrize("messages", [0, 1, 2])
async def test_200_with_few_or_no_messages(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, messages: int
) -> None:
    interview_id = await create_interview(database, owner, messages=messages)

    data, _ = assert_success(
        await client.get(f"/interviews/{interview_id}", headers=owner.headers()), "Interview retrieved successfully"
    )

    assert [message["sequence_number"] for message in data["messages"]] == list(range(1, messages + 1))
    assert data["total_messages"] == messages


async def test_200_for_an_id_in_capital_letters(client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor) -> None:
    interview_id = await create_interview(database, owner)

    _, meta = assert_success(
        await client.get(f"/interviews/{str(interview_id).upper()}", headers=owner.headers()),
        "Interview retrieved successfully",
    )

    assert meta["interview_id"] == str(interview_id)


@pytest.mark.parametrize("role", ["manager", "admin"])
async def test_200_for_the_interview_of_a_colleague_with_read_all(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, role: str
) -> None:
    interview_id = await create_interview(database, owner)

    response = await client.get(f"/interviews/{interview_id}", headers=owner.colleague(role).headers())

    data, _ = assert_success(response, "Interview retrieved successfully")
    assert data["employee_id"] == str(owner.employee_id)


async def test_403_without_the_permission_to_read(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.get(f"/interviews/{uuid4()}", headers=owner.headers_without("interviews:read"))

    held = [name for name in owner.permissions if name != "interviews:read"]
    assert_permission_missing(response, "interviews:read", held)


async def test_403_if_the_interview_belongs_to_another_employee(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)

    response = await client.get(f"/interviews/{interview_id}", headers=owner.colleague().headers())

    assert_access_denied(response)


async def test_404_if_the_interview_does_not_exist(client: httpx2.AsyncClient, owner: Actor) -> None:
    assert_interview_not_found(await client.get(f"/interviews/{uuid4()}", headers=owner.headers()))


async def test_405_for_an_unsupported_method(client: httpx2.AsyncClient, owner: Actor) -> None:
    assert_method_not_allowed(await client.put(f"/interviews/{uuid4()}", headers=owner.headers()), "GET, PATCH, DELETE")


@pytest.mark.parametrize(
    "malformed",
    ["invalid-uuid", "1", "%00", UUID.replace("-", ""), f"{{{UUID}}}", f"urn:uuid:{UUID}", f"{UUID}0", UUID[:-1]],
)
async def test_422_if_the_id_is_not_a_hyphenated_uuid(client: httpx2.AsyncClient, owner: Actor, malformed: str) -> None:
    response = await client.get(f"/interviews/{malformed}", headers=owner.headers())

    assert_validation_error(response, ("interview_id", "uuid_parsing"))
