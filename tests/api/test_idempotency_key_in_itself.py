"""Which text is an Idempotency-Key, and which operations take one."""

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from tests.api.operations import NOBODYS, OPERATIONS
from tests.support.actors import Actor
from tests.support.assertions import assert_validation_error
from tests.support.interviews import create_interview

START, CONTINUE = "/interviews/start", "/interviews/continue"


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "ñ"])
@pytest.mark.parametrize(("path", "body"), [(START, {}), (CONTINUE, {"interview_id": NOBODYS, "user_response": "x"})])
async def test_422_when_the_key_is_malformed(
    client: httpx2.AsyncClient, owner: Actor, path: str, body: dict[str, str], key: str
) -> None:
    headers = {**owner.headers(), "Idempotency-Key": key.encode()}

    assert_validation_error(
        await client.post(path, json=body, headers=headers), ("Idempotency-Key", "string_pattern_mismatch")
    )


@pytest.mark.parametrize("key", ["x", "x" * 255, '"quoted"', "~!#$%&'*+-.^_`|/\\"])
async def test_200_when_the_key_is_as_strange_as_it_may_be(client: httpx2.AsyncClient, owner: Actor, key: str) -> None:
    first, again = [
        await client.post(START, json={}, headers={**owner.headers(), "Idempotency-Key": key}) for _ in range(2)
    ]

    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("name", ["list_interviews", "get_interview", "change_status", "export_interview"])
async def test_200_from_what_takes_no_key_and_does_not_look_at_it(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, name: str
) -> None:
    operation = OPERATIONS[name].about(await create_interview(database, owner))
    headers = {**owner.headers(), "Idempotency-Key": "not a key"}

    answers = [await operation.send(client, headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert not any("idempotent-replayed" in answer.headers for answer in answers)
