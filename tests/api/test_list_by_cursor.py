"""GET /interviews with a cursor."""

from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from tests.support.actors import Actor
from tests.support.assertions import assert_success, parse_timestamp
from tests.support.interviews import create_interview

LISTED = "Interviews retrieved successfully"
NOON = datetime(2025, 10, 1, 12, tzinfo=UTC)


async def test_200_lists_each_interview_once_although_others_are_started(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    given = [
        str(await create_interview(database, owner, started_at=NOON + timedelta(minutes=n // 3))) for n in range(20)
    ]
    seen: list[str] = []
    cursor: str | None = ""

    while cursor is not None:
        params = {"cursor": cursor, "page_size": 6}
        response = await client.get("/interviews", params=params, headers=owner.headers())
        data, meta = assert_success(response, LISTED)
        seen += [interview["id_interview"] for interview in data]
        cursor = meta["pagination"]["next_cursor"]
        await create_interview(database, owner, started_at=NOON + timedelta(days=1))
        assert response.headers["server-timing"] == "statements;desc=1"

    assert sorted(seen) == sorted(given)
    assert meta["pagination"] == {
        "total_items": 20, "total_pages": 4, "current_page": 4, "page_size": 6, "next_cursor": None,
    }  # fmt: skip


async def test_200_with_the_cursor_of_a_numbered_page(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    for number in range(5):
        await create_interview(database, owner, started_at=NOON + timedelta(minutes=number))
    first = await client.get("/interviews?page=2&page_size=2", headers=owner.headers())
    cursor = assert_success(first, LISTED)[1]["pagination"]["next_cursor"]

    response = await client.get("/interviews", params={"cursor": cursor, "page_size": 2}, headers=owner.headers())

    data, meta = assert_success(response, LISTED)
    assert [parse_timestamp(interview["started_at"]) for interview in data] == [NOON]
    assert (meta["pagination"]["current_page"], meta["pagination"]["total_items"]) == (3, 5)


async def test_200_a_cursor_overrides_the_page(client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor) -> None:
    given = [str(await create_interview(database, owner, started_at=NOON + timedelta(minutes=n))) for n in range(3)]
    first = await client.get("/interviews?page_size=1", headers=owner.headers())
    second = assert_success(first, LISTED)[1]["pagination"]["next_cursor"]

    for cursor, expected, number in (("", given[2], 1), (second, given[1], 2)):
        params = {"cursor": cursor, "page": 3, "page_size": 1}
        response = await client.get("/interviews", params=params, headers=owner.headers())
        data, meta = assert_success(response, LISTED)
        assert [interview["id_interview"] for interview in data] == [expected]
        assert meta["pagination"]["current_page"] == number


async def test_200_lists_interviews_that_started_at_the_same_instant_once(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    given = [str(await create_interview(database, owner, started_at=NOON)) for _ in range(3)]
    seen: list[str] = []
    cursor: str | None = ""

    while cursor is not None:
        response = await client.get("/interviews", params={"cursor": cursor, "page_size": 1}, headers=owner.headers())
        data, meta = assert_success(response, LISTED)
        seen += [interview["id_interview"] for interview in data]
        cursor = meta["pagination"]["next_cursor"]

    assert seen == sorted(given, reverse=True)


@pytest.mark.parametrize("digit", ["0", "7", "8", "f"])
async def test_200_for_any_cursor_of_64_digits(client: httpx2.AsyncClient, owner: Actor, digit: str) -> None:
    response = await client.get("/interviews", params={"cursor": digit * 64}, headers=owner.headers())

    data, meta = assert_success(response, LISTED)
    assert (data, meta["pagination"]["next_cursor"]) == ([], None)
