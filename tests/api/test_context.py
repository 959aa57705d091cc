"""Interviews with a context: the known processes of the organization, and how technical the answers are."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.settings import Settings
from tests.api.conftest import RecordingInterviewer
from tests.support.actors import Actor
from tests.support.assertions import count_statements
from tests.support.clients import open_client
from tests.support.context_server import ContextServer, hang

pytest.importorskip("rapidfuzz", reason="needs rapidfuzz: pip install -e .")

FILE = """
processes:
  - {process_id: P-1, name: Purchase order approval}
  - {process_id: P-2, name: Onboarding}
systems: [Blue Dragon, DATEV, Excel]
roles: [Accountant, Ward manager]
"""
MATCH = {"process_id": "P-1", "name": "Purchase order approval", "confidence": 1.0}


@pytest.fixture
async def client(settings: Settings, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a service with CONTEXT_FILE."""
    (tmp_path / "context.yaml").write_text(FILE, encoding="utf-8")
    async with open_client(settings, context_file=tmp_path / "context.yaml") as client:
        yield client


async def _start(client: httpx2.AsyncClient, owner: Actor) -> httpx2.Response:
    return await client.post("/interviews/start", json={"language": "en"}, headers=owner.headers())


async def _answer(client: httpx2.AsyncClient, owner: Actor, started: httpx2.Response, text: str) -> httpx2.Response:
    body = {"interview_id": started.json()["data"]["interview_id"], "user_response": text}
    return await client.post("/interviews/continue", json=body, headers=owner.headers())


async def _export(client: httpx2.AsyncClient, owner: Actor, started: httpx2.Response) -> httpx2.Response:
    body = {"interview_id": started.json()["data"]["interview_id"]}
    return await client.post("/interviews/export", json=body, headers=owner.headers())


async def test_200_with_the_number_of_processes_and_those_that_an_answer_names(
    client: httpx2.AsyncClient, owner: Actor
) -> None:
    started = await _start(client, owner)
    continued = await _answer(client, owner, started, "I do the purchase order approval, and I like it.")

    assert started.json()["meta"]["context"]["processes_count"] == 2
    assert continued.json()["data"]["process_matches"] == [MATCH]
    assert continued.json()["meta"]["process_matching_enabled"] is True
    assert count_statements(started) == 1
    assert count_statements(continued) == 2


async def test_200_with_the_processes_of_all_answers_in_the_export(client: httpx2.AsyncClient, owner: Actor) -> None:
    started = await _start(client, owner)
    for text in ("I do the purchase order approval.", "Nothing else.", "Sometimes the onboarding of a colleague."):
        await _answer(client, owner, started, text)

    export = (await _export(client, owner, started)).json()

    onboarding = {"process_id": "P-2", "name": "Onboarding", "confidence": 1.0}
    assert export["data"]["processes_referenced"] == [MATCH, onboarding]
    assert export["data"]["context_used"]["existing_processes_count"] == 2
    assert export["meta"]["process_references_count"] == 2


async def _outcome(client: httpx2.AsyncClient, owner: Actor, started: httpx2.Response) -> dict[str, Any]:
    interview_id = started.json()["data"]["interview_id"]
    response = await client.get(f"/interviews/{interview_id}/outcome", headers=owner.headers())
    assert count_statements(response) == 1
    data: dict[str, Any] = response.json()["data"]
    return data


async def test_200_with_the_known_systems_and_roles_in_the_outcome(client: httpx2.AsyncClient, owner: Actor) -> None:
    started = await _start(client, owner)
    for text in (
        "I am an accountant in a hospital.",
        "Paying invoices. The ward managers approve them in the blue dragon, and I book them in Excel.",
    ):
        await _answer(client, owner, started, text)

    outcome = await _outcome(client, owner, started)

    assert outcome["systems"] == [{"text": "Excel", "messages": [4]}, {"text": "Blue Dragon", "messages": [4]}]
    assert outcome["people"] == [{"text": "Ward manager", "messages": [4]}]
    open_points = [point["text"] for point in outcome["open_points"]]
    assert not any(text.startswith(("Systems", "The systems", "People", "The people")) for text in open_points)
    export = await _export(client, owner, started)
    assert export.json()["data"]["outcome"] == outcome


async def test_200_with_a_question_that_names_the_known_systems_and_roles(
    client: httpx2.AsyncClient, owner: Actor
) -> None:
    started = await _start(client, owner)
    questions = [
        (await _answer(client, owner, started, text)).json()["data"]["question"]
        for text in (
            "I am an accountant in a hospital.",
            "Paying the invoices of the wards that have bought something.",
            "An invoice arrives in the blue dragon by mail from a supplier.",
            "I ask the ward manager, and then I pay it and file it in the archive.",
            "The invoice and the order of the ward, nothing else.",
            "A paid invoice for the supplier and an entry for the ledger.",
            "Nothing but the system that I have named before, really.",
            "A colleague reads the invoices together with me every week.",
        )
    ]

    assert "You mention Blue Dragon. Which other systems, files or tools do you use on the way?" in questions
    assert "You mention Ward manager. Who else takes part, and what does each of them contribute?" in questions


async def test_the_closing_message_and_the_open_points_agree_on_known_names(
    client: httpx2.AsyncClient, owner: Actor
) -> None:
    started = await _start(client, owner)
    await _answer(client, owner, started, "I am an accountant in a hospital.")
    await _answer(client, owner, started, "Paying invoices that the ward manager approves in the blue dragon.")

    closing = await _answer(client, owner, started, "Can we stop here please, the accountant is waiting.")

    _, _, left_open = closing.json()["data"]["question"].partition("Still open")
    points = [point["text"] for point in (await _outcome(client, owner, started))["open_points"]]
    assert left_open
    assert not any(label in left_open for label in ("systems and tools", "the people involved"))
    assert not any(text.startswith(("Systems and tools", "The people involved")) for text in points)


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        ("I am a nurse.", "unknown"),
        ("I am a nurse and look after twenty patients on the ward, " * 4, "basic"),
        ("I export the patients as CSV and load them with a script every evening at nine. " * 3, "intermediate"),
        ("I write SQL queries, Python scripts and REST APIs, and deploy them with Docker. " * 3, "advanced"),
    ],
)
async def test_the_technical_level_follows_from_the_answers(
    client: httpx2.AsyncClient, owner: Actor, answer: str, level: str
) -> None:
    started = await _start(client, owner)
    await _answer(client, owner, started, answer)

    interview = await client.get(f"/interviews/{started.json()['data']['interview_id']}", headers=owner.headers())
    export = await _export(client, owner, started)

    assert interview.json()["data"]["technical_level"] == export.json()["meta"]["technical_level"] == level


async def test_the_matches_of_the_interviewer_come_first(
    settings: Settings, owner: Actor, tmp_path: Path, interviewer: RecordingInterviewer
) -> None:
    (tmp_path / "context.yaml").write_text(FILE, encoding="utf-8")
    interviewer.matches_processes = True
    async with open_client(settings, interviewer, context_file=tmp_path / "context.yaml") as client:
        continued = await _answer(client, owner, await _start(client, owner), "Onboarding")

    assert [match["process_id"] for match in continued.json()["data"]["process_matches"]] == ["p-1", "P-2"]


async def test_200_with_the_context_of_an_endpoint_that_gets_the_token(settings: Settings, owner: Actor) -> None:
    headers = owner.headers()
    async with ContextServer() as server, open_client(settings, context_url=server.url) as client:
        started = await client.post("/interviews/start", json={"language": "en"}, headers=headers)
        continued = await _answer(client, owner, started, "I do the purchase order approval.")

    assert started.json()["meta"]["context"]["processes_count"] == 2
    assert continued.json()["data"]["process_matches"] == [MATCH]
    (request,) = server.requests
    assert f"authorization: {headers['Authorization'].lower()}" in request


async def test_200_without_a_context_if_the_endpoint_hangs_and_no_transaction_waits_for_it(
    settings: Settings, owner: Actor
) -> None:
    async with ContextServer() as server:
        server.responder = hang
        changes = {"context_url": server.url, "context_timeout": 1.5, "idle_in_transaction_timeout": 0.5}
        async with open_client(settings, **changes) as client:
            started = await _start(client, owner)
            continued = await _answer(client, owner, started, "I do the purchase order approval.")

    assert (started.status_code, started.json()["meta"]["context"]["processes_count"]) == (200, 0)
    assert continued.status_code == 200
    assert continued.json()["data"]["process_matches"] == []
    assert continued.json()["meta"]["process_matching_enabled"] is False
    assert len(server.requests) == 1
