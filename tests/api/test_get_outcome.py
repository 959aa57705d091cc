"""GET /interviews/{interview_id}/outcome: one test per effect. The pins check the statuses."""

import csv
import io
from uuid import UUID
from xml.etree import ElementTree as ET

import httpx2

from app.database.unit_of_work import UnitOfWork
from tests.support.actors import Actor
from tests.support.assertions import assert_success, count_statements
from tests.support.interviews import create_interview

ROLE = "I am a buyer at a machine builder."
STEPS = "First I check the request, then I compare the offers in Excel, finally I place the order."
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
EMPTY_SECTIONS = (
    "goals", "users", "features", "trigger", "inputs", "outputs", "people", "exceptions", "volumes", "constraints",
    "quality", "pains", "wishes", "other_topics", "user_stories",
)  # fmt: skip


async def _hold_interview(client: httpx2.AsyncClient, owner: Actor) -> UUID:
    """Start an interview, answer three questions and stop. Return its id."""
    response = await client.post("/interviews/start", json={"language": "en"}, headers=owner.headers())
    interview_id = response.json()["data"]["interview_id"]
    for answer in (ROLE, STEPS, "Can we stop here please, I have a meeting"):
        body = {"interview_id": interview_id, "user_response": answer}
        response = await client.post("/interviews/continue", json=body, headers=owner.headers())
    assert response.json()["data"]["is_final"]
    return UUID(interview_id)


async def test_200_with_every_finding_and_the_messages_that_it_comes_from(
    client: httpx2.AsyncClient, owner: Actor
) -> None:
    interview_id = await _hold_interview(client, owner)

    response = await client.get(f"/interviews/{interview_id}/outcome", headers=owner.headers())

    data, meta = assert_success(response, "Outcome retrieved successfully")
    assert meta == {"interview_id": str(interview_id), "language": "en"}
    open_points, flowchart = data.pop("open_points"), data.pop("flowchart")
    assert data == {section: [] for section in EMPTY_SECTIONS} | {
        "role": [{"text": ROLE, "messages": [2]}],
        "processes": [{"text": STEPS, "messages": [4]}],
        "steps": [
            {"number": 1, "text": "I check the request", "process": None, "messages": [4]},
            {"number": 2, "text": "I compare the offers in Excel", "process": None, "messages": [4]},
            {"number": 3, "text": "I place the order", "process": None, "messages": [4]},
        ],
        "systems": [{"text": "Excel", "messages": [4]}],
    }
    assert {"text": "What sets it off: not discussed", "messages": [6]} in open_points
    assert {"text": "Exceptions: not asked", "messages": []} in open_points
    assert "step_1_1 --> step_1_2" in flowchart
    assert count_statements(response) == 1


async def test_200_with_every_topic_open_before_the_first_answer(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)

    response = await client.get(f"/interviews/{interview_id}/outcome", headers=owner.headers())

    data, _ = assert_success(response, "Outcome retrieved successfully")
    assert len(data["open_points"]) == 12
    assert not any(items for section, items in data.items() if section != "open_points")


async def test_200_as_documents(client: httpx2.AsyncClient, owner: Actor) -> None:
    interview_id = await _hold_interview(client, owner)

    async def get(media_type: str) -> str:
        headers = owner.headers() | {"Accept": media_type}
        response = await client.get(f"/interviews/{interview_id}/outcome", headers=headers)
        assert (response.status_code, response.headers["content-type"].partition(";")[0]) == (200, media_type)
        return response.text

    assert "1. I check the request (message 4)" in await get("text/markdown")
    rows = list(csv.reader(io.StringIO(await get("text/csv"))))
    assert rows[0] == ["section", "number", "process", "text", "messages"]
    assert ["steps", "3", "", "I place the order", "4"] in rows
    tasks = ET.fromstring(await get("application/bpmn+xml")).findall(f"{BPMN}process/{BPMN}task")
    assert [task.get("name") for task in tasks] == [
        "I check the request",
        "I compare the offers in Excel",
        "I place the order",
    ]


async def test_the_export_contains_the_outcome(client: httpx2.AsyncClient, owner: Actor) -> None:
    interview_id = await _hold_interview(client, owner)
    outcome = await client.get(f"/interviews/{interview_id}/outcome", headers=owner.headers())

    body = {"interview_id": str(interview_id)}
    export = await client.post("/interviews/export", json=body, headers=owner.headers())
    markdown = await client.post("/interviews/export", json=body, headers=owner.headers() | {"Accept": "text/markdown"})

    assert export.json()["data"]["outcome"] == outcome.json()["data"]
    assert markdown.text.index("### Role") < markdown.text.index("## Question 1")
