"""The interviewer or the key server fails: 503, nothing written, everybody else is served."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socket import create_server

import httpx2
import pytest

from tests.faults.conftest import Start, Tally
from tests.faults.load import at_ease
from tests.support.actors import Actor

START, CONTINUE = "/api/v1/interviews/start", "/api/v1/interviews/continue"
FAULTY = ("-m", "tests.support.faulty_service")


@pytest.mark.parametrize("fault", ["hangs", "dies", "rubbish"])
async def test_503_and_nothing_written_when_the_interviewer_fails(
    start_service: Start, tally: Tally, owner: Actor, fault: str
) -> None:
    service = start_service(module=FAULTY, INTERVIEWER_FAULT=fault, INTERVIEWER_TIMEOUT="0.5", POOL_MAX_SIZE="2")
    async with httpx2.AsyncClient(base_url=service.url, headers=owner.headers(), timeout=20) as http:
        interview_id = (await http.post(START, json={})).json()["data"]["interview_id"]
        body = {"interview_id": interview_id, "user_response": "an answer that is long enough"}

        answers = await asyncio.gather(*(http.post(CONTINUE, json=body) for _ in range(20)))

        assert {answer.status_code for answer in answers} == {503}
        assert {answer.json()["message"] for answer in answers} == {"Interviewer unavailable"}
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers)
        assert all("secret" not in answer.text for answer in answers)
        kept = (await http.get(f"/api/v1/interviews/{interview_id}")).json()["data"]
        assert (kept["total_messages"], len(kept["messages"]), kept["status"]) == (1, 1, "in_progress")
    tally(f"{len(answers)} × 503, 1 message kept")
    assert "secret" not in service.log.read_text()
    await at_ease(service.url, owner)


async def test_no_connection_is_held_while_the_interviewer_thinks(
    start_service: Start, tally: Tally, owner: Actor
) -> None:
    service = start_service(module=FAULTY, INTERVIEWER_FAULT="slow", POOL_MAX_SIZE="1", POOL_ACQUIRE_TIMEOUT="1")
    async with httpx2.AsyncClient(base_url=service.url, headers=owner.headers(), timeout=20) as http:
        ids = [(await http.post(START, json={})).json()["data"]["interview_id"] for _ in range(10)]
        began = time.monotonic()

        turns = asyncio.gather(
            *(
                http.post(CONTINUE, json={"interview_id": each, "user_response": "an answer long enough"})
                for each in ids
            )
        )
        lists = [(await http.get("/api/v1/interviews")).status_code for _ in range(10)]

        assert lists == [200] * 10
        assert [turn.status_code for turn in await turns] == [200] * 10
    tally(f"10 turns of 0.3 s on one connection, 10 lists meanwhile: {time.monotonic() - began:.1f} s")


async def test_503_when_the_key_server_hangs_and_no_key_is_known(
    start_service: Start, tally: Tally, owner: Actor
) -> None:
    with _silent_server() as port:
        service = start_service(JWT_JWKS_URL=f"http://127.0.0.1:{port}/jwks", JWKS_TIMEOUT="0.5")
        async with httpx2.AsyncClient(base_url=service.url, headers=owner.headers(), timeout=20) as http:
            answers = await asyncio.gather(*(http.get("/api/v1/interviews") for _ in range(20)))
            ready = await http.get("/api/v1/health/ready")

    assert {answer.status_code for answer in answers} == {503}
    assert {answer.json()["message"] for answer in answers} == {"Authentication service unavailable"}
    assert ready.json()["data"]["checks"]["keys"] == "the key server is out of reach"
    tally(f"{len(answers)} × 503")


@contextmanager
def _silent_server() -> Iterator[int]:
    """A server that takes connections and says nothing."""
    with create_server(("127.0.0.1", 0)) as listener:
        taken: list[object] = []

        def accept() -> None:
            try:
                while True:
                    taken.append(listener.accept()[0])
            except OSError:
                return

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(2)
            thread.join()
            for connection in taken:
                connection.close()
