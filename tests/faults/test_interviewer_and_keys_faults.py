"""The interviewer or the key server fails: 503, nothing is written, and other requests succeed."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socket import create_server

import httpx2
import pytest

from tests.faults.conftest import Start, Tally
from tests.faults.load import assert_all_succeed
from tests.support.actors import Actor

START, CONTINUE = "/api/v1/interviews/start", "/api/v1/interviews/continue"
FAULTY = ("-m", "tests.support.faulty_service")


@pytest.mark.parametrize("fault", ["hangs", "dies", "rubbish"])
async def test_503_and_nothing_is_written_if_the_interviewer_fails(
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
        interview = (await http.get(f"/api/v1/interviews/{interview_id}")).json()["data"]
        assert (interview["total_messages"], len(interview["messages"]), interview["status"]) == (1, 1, "in_progress")
    tally(f"{len(answers)} × 503, 1 message kept")
    assert "secret" not in service.log.read_text()
    await assert_all_succeed(service.url, owner)


async def test_a_turn_holds_no_connection_while_the_interviewer_generates_a_question(
    start_service: Start, tally: Tally, owner: Actor
) -> None:
    service = start_service(module=FAULTY, INTERVIEWER_FAULT="slow", POOL_MAX_SIZE="1", POOL_ACQUIRE_TIMEOUT="1")
    async with httpx2.AsyncClient(base_url=service.url, headers=owner.headers(), timeout=20) as http:
        ids = [(await http.post(START, json={})).json()["data"]["interview_id"] for _ in range(10)]
        start = time.monotonic()

        turns = asyncio.gather(
            *(
                http.post(CONTINUE, json={"interview_id": interview_id, "user_response": "an answer long enough"})
                for interview_id in ids
            )
        )
        lists = [(await http.get("/api/v1/interviews")).status_code for _ in range(10)]

        assert lists == [200] * 10
        assert [turn.status_code for turn in await turns] == [200] * 10
    tally(f"10 turns of 0.3 s on one connection, 10 lists at the same time: {time.monotonic() - start:.1f} s")


async def test_503_if_the_key_server_does_not_answer(start_service: Start, tally: Tally, owner: Actor) -> None:
    with _start_silent_server() as port:
        service = start_service(JWT_JWKS_URL=f"http://127.0.0.1:{port}/jwks", JWKS_TIMEOUT="0.5")
        async with httpx2.AsyncClient(base_url=service.url, headers=owner.headers(), timeout=20) as http:
            answers = await asyncio.gather(*(http.get("/api/v1/interviews") for _ in range(20)))
            ready = await http.get("/api/v1/health/ready")

    assert {answer.status_code for answer in answers} == {503}
    assert {answer.json()["message"] for answer in answers} == {"Authentication service unavailable"}
    assert ready.json()["data"]["checks"]["keys"] == "the key server is out of reach"
    tally(f"{len(answers)} × 503")


@contextmanager
def _start_silent_server() -> Iterator[int]:
    """Start a server that accepts connections and sends nothing. Return its port."""
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
