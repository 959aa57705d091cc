"""Valid and malformed Idempotency-Key headers, and the operations that ignore the header."""

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from tests.api.operations import MISSING_ID, OPERATIONS
from tests.support.actors import Actor
from tests.support.assertions import assert_validation_error
from tests.support.interviews import create_interview

START, CONTINUE = "/interviews/start", "/interviews/continue"


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "ñ"])
@pytest.mark.parametrize(
    ("path", "body"), [(START, {}), (CONTINUE, {"interview_id": MISSING_ID, "user_response": "x"})]
)
async def test_422_for_a_malformed_key(
    client: httpx2.AsyncClient, owner: Actor, path: str, body: dict[str, str], key: str
) -> None:
    headers = {**owner.headers(), "Idempotency-Key": key.encode()}

    assert_validation_error(
        await client.post(path, json=body, headers=headers), ("Idempotency-Key", "string_pattern_mismatch")
    )


@pytest.mark.parametrize("key", ["x", "x" * 255, '"quoted"', "~!#$%&'*+-.^_`|/\\"])
async def test_200_for_an_unusual_but_valid_key(client: httpx2.AsyncClient, owner: Actor, key: str) -> None:
    first, again = [
        await client.post(START, json={}, headers={**owner.headers(), "Idempotency-Key": key}) for _ in range(2)
    ]

    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("name", ["list_interviews", "get_interview", "change_status", "export_interview"])
async def test_200_from_an_operation_that_ignores_the_key(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, name: str
) -> None:
    operation = OPERATIONS[name].for_interview(await create_interview(database, owner))
    headers = {**owner.headers(), "Idempotency-Key": "not a key"}

    responses = [await operation.send(client, headers) for _ in range(2)]

    assert [response.status_code for response in responses] == [200, 200]
    assert not any("idempotent-replayed" in response.headers for response in responses)
