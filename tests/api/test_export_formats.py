"""POST /interviews/export as Markdown and CSV, and 406 for any other media type."""

import csv
from io import StringIO
from uuid import uuid4

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from tests.support.actors import Actor
from tests.support.assertions import (
    assert_access_denied,
    assert_error,
    assert_interview_not_found,
    assert_permission_missing,
    assert_success,
    assert_unauthenticated,
    assert_validation_error,
    count_statements,
    parse_timestamp,
)
from tests.support.interviews import create_interview, fetch_messages

EXPORT = "/interviews/export"
OFFERED = "What can be sent here: application/json, text/markdown, text/csv"


async def _export(client: httpx2.AsyncClient, owner: Actor, interview_id: object, accept: str) -> httpx2.Response:
    headers = {**owner.headers(), "Accept": accept}
    return await client.post(EXPORT, json={"interview_id": str(interview_id)}, headers=headers)


def _assert_file(response: httpx2.Response, media_type: str, name: str) -> None:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert response.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-request-id"]
    assert count_statements(response) == 1


@pytest.mark.parametrize(
    ("language", "title", "state", "result", "question"),
    [
        ("es", "# Entrevista", "**Estado:** terminada", "## Resultado", "## Pregunta"),
        ("en", "# Interview", "**State:** finished", "## Result", "## Question"),
        ("pt", "# Entrevista", "**Estado:** concluída", "## Resultado", "## Pergunta"),
    ],
)
async def test_200_as_markdown_in_the_language_of_the_interview(
    client: httpx2.AsyncClient,
    database: UnitOfWork,
    owner: Actor,
    language: str,
    title: str,
    state: str,
    result: str,
    question: str,
) -> None:
    interview_id = await create_interview(database, owner, language=language, messages=5, status="completed")

    response = await _export(client, owner, interview_id, "text/markdown")

    _assert_file(response, "text/markdown", f"interview-{interview_id}.md")
    assert response.headers["content-language"] == language
    lines = response.text.splitlines()
    assert lines[0] == title
    assert f"- {state}" in lines
    headings = [result, *(f"{question} {number}" for number in (1, 2, 3))]
    assert [line for line in lines if line.startswith("## ")] == headings
    assert [line for line in lines if line.startswith("> ")] == ["> message 2", "> message 4"]


async def test_200_as_csv_with_one_row_for_each_message(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner, messages=41, content='=çã "{number}",\n🏭')

    response = await _export(client, owner, interview_id, "text/csv")

    _assert_file(response, "text/csv", f"interview-{interview_id}.csv")
    header, *rows = csv.reader(StringIO(response.text, newline=""))
    stored = await fetch_messages(database, interview_id)
    assert header == ["sequence_number", "role", "content", "timestamp"]
    assert [(row[0], row[1], row[2]) for row in rows] == [
        (str(each["sequence_number"]), each["role"], f"'{each['content']}") for each in stored
    ]
    assert {parse_timestamp(row[3]) for row in rows} == {each["created_at"] for each in stored}


async def test_200_as_json_if_accept_is_empty_or_allows_anything(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)

    for accept in ("", "*/*", "application/json", "text/html, */*;q=0.1"):
        response = await _export(client, owner, interview_id, accept)
        assert_success(response, "Interview data exported successfully")


@pytest.mark.parametrize("accept", ["application/pdf", "text/html", "json", "*/*;q=0"])
async def test_406_for_an_unsupported_media_type_without_a_query(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, accept: str
) -> None:
    response = await _export(client, owner, await create_interview(database, owner), accept)

    assert_error(response, 406, "Not acceptable", {"field": "Accept", "error": OFFERED})
    assert count_statements(response) == 0


@pytest.mark.parametrize(
    ("content", "headers"), [(b"{}", {}), (b"{", {"Content-Type": "application/json"}), (b"x" * (1024 * 1024 + 1), {})]
)
async def test_406_before_413_415_and_422(
    client: httpx2.AsyncClient, owner: Actor, content: bytes, headers: dict[str, str]
) -> None:
    headers = {**owner.headers(), "Accept": "application/pdf", **headers}

    response = await client.post(EXPORT, content=content, headers=headers)

    assert_error(response, 406, "Not acceptable", {"field": "Accept", "error": OFFERED})


async def test_401_and_403_for_a_permission_before_406(client: httpx2.AsyncClient, owner: Actor) -> None:
    headers, body = {"Accept": "application/pdf"}, {"interview_id": str(uuid4())}

    assert_unauthenticated(await client.post(EXPORT, json=body, headers=headers))
    response = await client.post(EXPORT, json=body, headers={**owner.headers_without("interviews:export"), **headers})
    held = [name for name in owner.permissions if name != "interviews:export"]
    assert_permission_missing(response, "interviews:export", held)


@pytest.mark.parametrize("accept", ["text/markdown", "text/csv"])
async def test_errors_are_json_for_every_accept_header(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, accept: str
) -> None:
    interview_id = await create_interview(database, owner)

    assert_access_denied(await _export(client, owner.colleague(), interview_id, accept))
    assert_interview_not_found(await _export(client, owner, uuid4(), accept))
    assert_validation_error(await _export(client, owner, "invalid-uuid", accept), ("interview_id", "uuid_parsing"))
