"""Malformed and unusual request bodies."""

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from tests.api.operations import JSON, MISSING_ID
from tests.support.actors import Actor
from tests.support.assertions import assert_success, assert_unauthenticated, assert_validation_error, count_statements
from tests.support.interviews import create_interview

START = "/interviews/start"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" ",
        b"{",
        b"nonsense",
        b"{'language': 'es'}",
        b'{"language": "es",}',
        b"\xef\xbb\xbf{}",
        b'{"language": "\xff"}',
        b'{"x": "\\ud800"}',
        b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"x": ' + b"9" * 5000 + b"}",
        b'{"x": NaN}',
        b'{"x": -Infinity}',
        b"{}{}",
        "{}".encode("utf-16"),
    ],
    ids=range(15),
)
async def test_422_if_the_body_is_not_json(client: httpx2.AsyncClient, owner: Actor, content: bytes) -> None:
    response = await client.post(START, content=content, headers={**owner.headers(), **JSON})

    assert_validation_error(response, ("body", "json_invalid"))


@pytest.mark.parametrize(
    "member",
    [
        r'"session_id": "\ud800"',
        r'"session_id": "\udc00\ud800"',
        r'"user_response": "\udfff"',
        r'"conversation_history": [{"role": "user", "content": "\ud800"}]',
        '"question_number": ' + "9" * 5000,
        '"question_number": NaN',
        '"question_number": 01',
        '"session_id": ' + "[" * 5000,
    ],
    ids=range(8),
)
async def test_422_if_the_value_of_a_member_is_not_json(client: httpx2.AsyncClient, owner: Actor, member: str) -> None:
    content = f'{{"interview_id": "{MISSING_ID}", "user_response": "x", {member}}}'.encode()

    response = await client.post("/interviews/continue", content=content, headers={**owner.headers(), **JSON})

    assert_validation_error(response, ("body", "json_invalid"))
    assert count_statements(response) == 0


async def test_422_if_an_array_is_nested_too_deeply(client: httpx2.AsyncClient, owner: Actor) -> None:
    content = b'{"language": ' + b"[" * 1000 + b"]" * 1000 + b"}"

    response = await client.post(START, content=content, headers={**owner.headers(), **JSON})

    assert_validation_error(response, ("body", "json_invalid"))


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1.5", "9223372036854775808", "1e30"])
async def test_422_if_a_number_is_out_of_range(client: httpx2.AsyncClient, owner: Actor, number: str) -> None:
    content = f'{{"interview_id": "{MISSING_ID}", "user_response": "x", "question_number": {number}}}'.encode()

    response = await client.post("/interviews/continue", content=content, headers={**owner.headers(), **JSON})

    (error,) = response.json()["errors"]
    assert_validation_error(response, ("question_number", error["type"]))
    assert count_statements(response) == 0


@pytest.mark.parametrize("content", [b"[]", b"null", b'"es"', b"1", b"true"])
async def test_422_if_the_body_is_not_an_object(client: httpx2.AsyncClient, owner: Actor, content: bytes) -> None:
    response = await client.post(START, content=content, headers={**owner.headers(), **JSON})

    assert_validation_error(response, ("body", "model_type"))
    assert response.json()["errors"][0]["error"] == "Input should be an object"


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b'{"unknown": [1, {"deep": null}]}',
        b'{"language": "pt", "language": "es"}',
        b'{"language": "fr", "language": "es"}',
        b'\r\n\t {\n"language"\r:\t"\\u0065s" }\n',
        b'{"x": "NaN and Infinity"}',
        b'{"x": 1e400}',
        b" " * (1024 * 1024 - 2) + b"{}",
    ],
    ids=range(8),
)
@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=utf-8", "APPLICATION/JSON;charset=UTF-8"]
)
async def test_200_for_an_unusual_but_valid_body(
    client: httpx2.AsyncClient, owner: Actor, content: bytes, content_type: str
) -> None:
    headers = {**owner.headers(), "Content-Type": content_type}
    _, meta = assert_success(
        await client.post(START, content=content, headers=headers), "Interview started successfully"
    )

    assert meta["language"] == "es"


@pytest.mark.parametrize(
    "member",
    [{"session_id": "a\0"}, {"conversation_history": [{"role": "user", "content": "\0"}]}],
    ids=["session_id", "conversation_history -> 0 -> content"],
)
async def test_422_if_an_echoed_or_ignored_member_contains_nul(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, member: dict[str, object], request: object
) -> None:
    interview_id = await create_interview(database, owner)
    body = {"interview_id": str(interview_id), "user_response": "x", **member}

    response = await client.post("/interviews/continue", json=body, headers=owner.headers())

    assert_validation_error(response, (request.node.callspec.id, "string_pattern_mismatch"))


@pytest.mark.parametrize("authorization", ["", " ", "Bearer", "Bearer ", "Basic YTpi", "Token x", "Bearer a b"])
async def test_401_if_the_header_is_not_a_bearer_token(client: httpx2.AsyncClient, authorization: str) -> None:
    assert_unauthenticated(await client.get("/interviews", headers={"Authorization": authorization}))
