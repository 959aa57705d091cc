"""The maximum number of SQL statements of each operation, without BEGIN and COMMIT."""

from uuid import uuid4

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from app.use_cases.accounts import NewAccount
from tests.api.conftest import PASSWORD
from tests.api.operations import OPERATIONS, Operation, each_operation_on_an_interview
from tests.support.actors import Actor
from tests.support.assertions import assert_access_denied, assert_conflict, assert_interview_not_found, count_statements
from tests.support.interviews import create_interview

BUDGETS = {
    "list_interviews": (1, 1),
    "get_interview": (1, 1),
    "get_outcome": (1, 1),
    "change_status": (1, 1),
    "start_interview": (1, 4),
    "continue_interview": (1 + 1, 2 + 3),
    "export_interview": (1, 1),
}
"""The limits without and with an Idempotency-Key, which is looked up and claimed."""


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("with_key", [False, True], ids=["", "with Idempotency-Key"])
async def test_200_keeps_its_budget(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, name: str, with_key: bool
) -> None:
    operation = OPERATIONS[name].for_interview(await create_interview(database, owner, messages=41))
    headers = {**owner.headers(), **({"Idempotency-Key": "k"} if with_key else {})}

    response = await operation.send(client, headers)

    assert response.status_code == 200, response.text
    assert 1 <= count_statements(response) <= BUDGETS[name][with_key]


async def test_every_page_of_a_list_needs_one_statement(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    for _ in range(5):
        await create_interview(database, owner)

    costs = [
        count_statements(await client.get(f"/interviews?page_size=2&page={page}", headers=owner.headers()))
        for page in (1, 2, 3, 4)
    ]

    assert costs == [1, 1, 1, 1]


@each_operation_on_an_interview
async def test_404_needs_one_statement(client: httpx2.AsyncClient, owner: Actor, operation: Operation) -> None:
    response = await operation.for_interview(uuid4()).send(client, owner.headers())

    assert_interview_not_found(response)
    assert count_statements(response) == 1


@each_operation_on_an_interview
async def test_403_for_the_interview_needs_one_statement(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, operation: Operation
) -> None:
    interview_id = await create_interview(database, owner)

    response = await operation.for_interview(interview_id).send(client, owner.stranger().headers())

    assert_access_denied(response)
    assert count_statements(response) == 1


async def test_409_needs_one_statement(client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor) -> None:
    interview_id = await create_interview(database, owner, status="cancelled")

    response = await OPERATIONS["continue_interview"].for_interview(interview_id).send(client, owner.headers())

    assert_conflict(response, "Interview is not in progress", "status")
    assert count_statements(response) == 1


async def test_a_login_needs_two_statements_and_a_failed_login_needs_one(
    client: httpx2.AsyncClient, account: NewAccount
) -> None:
    good = await client.post("/auth/login", json={"email": account.email, "password": PASSWORD})
    bad = await client.post("/auth/login", json={"email": account.email, "password": "wrong"})

    assert (good.status_code, count_statements(good)) == (200, 2)
    assert (bad.status_code, count_statements(bad)) == (401, 1)


@pytest.mark.parametrize("path", ["/health", "/interviews/permissions", "/auth/jwks", "/auth/me"])
async def test_an_operation_without_a_database_needs_no_statement(
    client: httpx2.AsyncClient, owner: Actor, path: str
) -> None:
    response = await client.get(path, headers=owner.headers())

    assert (response.status_code, count_statements(response)) == (200, 0)
