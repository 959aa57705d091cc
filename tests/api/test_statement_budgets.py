"""How many SQL statements each answer may cost, BEGIN and COMMIT not counted."""

from uuid import uuid4

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from app.use_cases.accounts import NewAccount
from tests.api.conftest import PASSWORD
from tests.api.operations import OPERATIONS, Operation, each_on_an_interview
from tests.support.actors import Actor
from tests.support.assertions import assert_access_denied, assert_conflict, assert_interview_not_found, count_statements
from tests.support.interviews import create_interview

BUDGETS = {
    "list_interviews": (1, 1),
    "get_interview": (1, 1),
    "change_status": (1, 1),
    "start_interview": (1, 4),
    "continue_interview": (1 + 1, 2 + 3),
    "export_interview": (1, 1),
}
"""Without an Idempotency-Key, and with one, which has to be looked for and claimed."""


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("keyed", [False, True], ids=["", "with Idempotency-Key"])
async def test_200_keeps_to_its_budget(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, name: str, keyed: bool
) -> None:
    operation = OPERATIONS[name].about(await create_interview(database, owner, messages=41))
    headers = {**owner.headers(), **({"Idempotency-Key": "k"} if keyed else {})}

    response = await operation.send(client, headers)

    assert response.status_code == 200, response.text
    assert 1 <= count_statements(response) <= BUDGETS[name][keyed]


async def test_200_of_a_list_costs_one_statement_however_many_there_are_and_past_the_last_page_too(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    for _ in range(5):
        await create_interview(database, owner)

    costs = [
        count_statements(await client.get(f"/interviews?page_size=2&page={page}", headers=owner.headers()))
        for page in (1, 2, 3, 4)
    ]

    assert costs == [1, 1, 1, 1]


@each_on_an_interview
async def test_404_costs_one_statement(client: httpx2.AsyncClient, owner: Actor, operation: Operation) -> None:
    response = await operation.about(uuid4()).send(client, owner.headers())

    assert_interview_not_found(response)
    assert count_statements(response) == 1


@each_on_an_interview
async def test_403_of_ownership_costs_one_statement(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, operation: Operation
) -> None:
    interview_id = await create_interview(database, owner)

    response = await operation.about(interview_id).send(client, owner.stranger().headers())

    assert_access_denied(response)
    assert count_statements(response) == 1


async def test_409_costs_one_statement(client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor) -> None:
    interview_id = await create_interview(database, owner, status="cancelled")

    response = await OPERATIONS["continue_interview"].about(interview_id).send(client, owner.headers())

    assert_conflict(response, "Interview is not in progress", "status")
    assert count_statements(response) == 1


async def test_login_costs_two_statements_and_one_when_it_is_refused(
    client: httpx2.AsyncClient, account: NewAccount
) -> None:
    good = await client.post("/auth/login", json={"email": account.email, "password": PASSWORD})
    bad = await client.post("/auth/login", json={"email": account.email, "password": "wrong"})

    assert (good.status_code, count_statements(good)) == (200, 2)
    assert (bad.status_code, count_statements(bad)) == (401, 1)


@pytest.mark.parametrize("path", ["/health", "/interviews/permissions", "/auth/jwks", "/auth/me"])
async def test_what_needs_no_database_costs_no_statement(client: httpx2.AsyncClient, owner: Actor, path: str) -> None:
    response = await client.get(path, headers=owner.headers())

    assert (response.status_code, count_statements(response)) == (200, 0)
