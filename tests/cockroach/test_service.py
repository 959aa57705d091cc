"""A service on CockroachDB: transactions are SERIALIZABLE, conflicts are retried, and an ambiguous COMMIT is not."""

from collections.abc import AsyncIterator

import asyncpg
import httpx2
import pytest

from tests.support.actors import Actor
from tests.support.assertions import assert_error, assert_success
from tests.support.service import Service
from tests.support.timeouts import TIMEOUT

AT_COMMIT = """
CREATE SEQUENCE attempts;
CREATE TABLE seen (isolation text);
CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON interview
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit();
"""
DROP_TRIGGER = "DROP TRIGGER at_commit ON interview; DROP FUNCTION at_commit; DROP TABLE seen; DROP SEQUENCE attempts"


@pytest.fixture
async def client(service: Service, owner: Actor) -> AsyncIterator[httpx2.AsyncClient]:
    """Create a client of the service for a new employee."""
    async with httpx2.AsyncClient(base_url=f"{service.url}/api/v1", headers=owner.headers(), timeout=TIMEOUT) as client:
        yield client


async def test_200_from_the_start_of_an_interview_to_its_export(client: httpx2.AsyncClient) -> None:
    data, _ = assert_success(
        await client.post("/interviews/start", json={"language": "pt"}), "Interview started successfully"
    )
    interview = {"interview_id": data["interview_id"]}
    while not data["is_final"]:
        number = data["question_number"]
        turn = {**interview, "user_response": "Sou analista de compras.", "question_number": number}
        response = await client.post("/interviews/continue", json=turn, headers={"Idempotency-Key": f"{number}"})
        data, _ = assert_success(response, "Question generated successfully")

    exported, _ = assert_success(
        await client.post("/interviews/export", json=interview), "Interview data exported successfully"
    )
    assert exported["is_complete"]
    assert len(exported["conversation_history"]) == 2 * data["question_number"] - 1
    listed, meta = assert_success(
        await client.get("/interviews", params={"status": "completed", "page_size": 1}),
        "Interviews retrieved successfully",
    )
    assert ([process["id_interview"] for process in listed], meta["pagination"]["total_items"]) == (
        [interview["interview_id"]],
        1,
    )


async def test_200_if_a_serializable_transaction_succeeds_after_conflicts(
    client: httpx2.AsyncClient, observer: asyncpg.Connection, owner: Actor
) -> None:
    body = """
        INSERT INTO seen VALUES (current_setting('transaction_isolation'));
        IF nextval('attempts') < 4 THEN
            RAISE 'restart transaction' USING ERRCODE = 'serialization_failure';
        END IF;
    """
    await observer.execute(AT_COMMIT.format(body=body))
    try:
        response = await client.post("/interviews/start", json={})
        attempts = await observer.fetchval("SELECT last_value FROM attempts")
        seen = await observer.fetch("SELECT isolation FROM seen")
    finally:
        await observer.execute(DROP_TRIGGER)

    assert_success(response, "Interview started successfully")
    assert attempts == 4
    assert [row["isolation"] for row in seen] == ["serializable"]
    assert await _count_interviews(observer, owner) == 1


async def test_503_without_a_retry_if_the_commit_is_ambiguous(
    client: httpx2.AsyncClient, observer: asyncpg.Connection, owner: Actor
) -> None:
    body = """
        PERFORM nextval('attempts');
        RAISE 'result is ambiguous' USING ERRCODE = 'statement_completion_unknown';
    """
    await observer.execute(AT_COMMIT.format(body=body))
    try:
        response = await client.post("/interviews/start", json={})
        attempts = await observer.fetchval("SELECT last_value FROM attempts")
    finally:
        await observer.execute(DROP_TRIGGER)

    assert_error(response, 503, "Service temporarily unavailable", {"field": "database", "error": ...})
    assert "what became of the request is not known" in response.json()["errors"][0]["error"]
    assert attempts == 1
    assert_success(await client.post("/interviews/start", json={}), "Interview started successfully")
    assert await _count_interviews(observer, owner) == 1


async def _count_interviews(observer: asyncpg.Connection, owner: Actor) -> int:
    found: int = await observer.fetchval("SELECT count(*) FROM interview WHERE employee_id = $1", owner.employee_id)
    return found
