"""GET /interviews: one test per status and reason (requirement 2)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from app.cli.environment import open_unit_of_work
from app.database.unit_of_work import UnitOfWork
from app.settings import Settings
from tests.support.actors import Actor
from tests.support.assertions import (
    INTERVIEW_KEYS,
    assert_method_not_allowed,
    assert_permission_missing,
    assert_success,
    assert_validation_error,
    parse_timestamp,
)
from tests.support.clients import open_client
from tests.support.cluster import create_database, database_name, drop_database, execute
from tests.support.connections import connection_settings
from tests.support.interviews import create_interview

LISTED = "Interviews retrieved successfully"
NOON = datetime(2025, 10, 1, 12, tzinfo=UTC)


async def test_200_with_an_empty_list(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.get("/interviews", headers=owner.headers())

    data, meta = assert_success(response, LISTED)
    assert data == []
    assert meta == {
        "pagination": {"total_items": 0, "total_pages": 0, "current_page": 1, "page_size": 20, "next_cursor": None},
        "filters": {"status": None, "language": None, "start_date": None, "end_date": None},
        "scope": "own",
        "employee_id": str(owner.employee_id),
    }
    assert response.headers["server-timing"] == "statements;desc=1"


async def test_200_newest_first_without_duplicates_or_gaps_between_pages(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    started = [NOON + timedelta(minutes=number // 3) for number in range(60)]
    given = [(moment, str(await create_interview(database, owner, started_at=moment))) for moment in started]
    seen: list[tuple[datetime, str]] = []

    for page in range(1, 10):
        response = await client.get("/interviews", params={"page": page, "page_size": 7}, headers=owner.headers())
        data, meta = assert_success(response, LISTED)
        pagination = meta["pagination"]
        assert (pagination.pop("next_cursor") is None) == (page == 9)
        assert pagination == {"total_items": 60, "total_pages": 9, "current_page": page, "page_size": 7}
        assert all(set(interview) == INTERVIEW_KEYS for interview in data)
        seen += [(parse_timestamp(interview["started_at"]), interview["id_interview"]) for interview in data]

    assert seen == sorted(given, reverse=True)


@pytest.fixture
async def url_without_indexes() -> AsyncIterator[str]:
    """Create a database whose indexes are not used. A pooler rejects the settings in a URL."""
    direct = await create_database()
    name = database_name(direct)
    settings = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")
    await execute(direct, *(f'ALTER DATABASE "{name}" SET {setting} = off' for setting in settings))
    yield connection_settings(direct)["DATABASE_URL"]
    await drop_database(direct)


async def test_200_without_duplicates_or_gaps_if_interviews_start_at_the_same_time(
    settings: Settings, url_without_indexes: str, owner: Actor
) -> None:
    async with open_unit_of_work(url_without_indexes, settings) as database:
        given = [str(await create_interview(database, owner, started_at=NOON)) for _ in range(30)]
    seen: list[str] = []

    async with open_client(settings, database_url=url_without_indexes) as client:
        for page in range(1, 6):
            response = await client.get("/interviews", params={"page": page, "page_size": 7}, headers=owner.headers())
            seen += [interview["id_interview"] for interview in assert_success(response, LISTED)[0]]

    assert seen == sorted(given, reverse=True)


async def test_200_with_the_totals_after_the_last_page(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    await create_interview(database, owner)

    response = await client.get("/interviews?page=2147483647&page_size=100", headers=owner.headers())

    data, meta = assert_success(response, LISTED)
    assert data == []
    assert meta["pagination"]["total_items"] == meta["pagination"]["total_pages"] == 1
    assert response.headers["server-timing"] == "statements;desc=1"


async def test_200_with_the_whole_organization_for_read_all(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    manager = owner.colleague("manager")
    interview_ids = {await create_interview(database, each) for each in (owner, owner.colleague(), manager)}
    await create_interview(database, owner.stranger())
    await create_interview(database, owner.in_another_organization())

    data, meta = assert_success(await client.get("/interviews", headers=manager.headers()), LISTED)

    assert {interview["id_interview"] for interview in data} == set(map(str, interview_ids))
    assert (meta["scope"], meta["employee_id"]) == ("organization", str(manager.employee_id))
    assert meta["pagination"]["total_items"] == 3


@pytest.mark.parametrize("role", ["employee", "admin"])
async def test_200_without_the_interviews_of_the_caller_in_another_organization(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, role: str
) -> None:
    await create_interview(database, owner)

    data, meta = assert_success(
        await client.get(
            "/interviews",
            headers=owner.in_another_organization().headers(permissions=owner.colleague(role).permissions),
        ),
        LISTED,
    )

    assert (data, meta["pagination"]["total_items"]) == ([], 0)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=completed", 1),
        ("status=in_progress", 2),
        ("language=pt", 1),
        ("language=pt&status=in_progress", 0),
        ("start_date=2025-10-01T12:00:00Z", 3),
        ("start_date=2025-10-01T14:00:00%2B02:00", 3),
        ("start_date=2025-10-01t12:00:01z", 2),
        ("start_date=2025-10-01T12:00:00", 3),
        ("end_date=2025-10-01", 1),
        ("end_date=2025-10-02", 2),
        ("end_date=2025-10-01T12:00:00.000Z", 1),
        ("start_date=2025-10-02&end_date=2025-10-02", 1),
        ("start_date=2025-10-03&end_date=2025-10-01", 0),
        ("start_date=0001-01-01T00:00:00%2B14:00&end_date=9999-12-31T23:59:59-10:00", 3),
        ("status=cancelled&status=completed", 1),
        ("page=7&page=1", 3),
        ("status=completed&language=pt&start_date=2025-10-03&end_date=2025-10-03", 1),
        ("start_date=2025-10-02T12:00:00-00:00&end_date=2025-10-02T13:30:00%2B01:30", 1),
        ("start_date=9999-12-31&end_date=0001-01-01", 0),
        ("end_date=2025-10-01T11:59:59.999999999Z", 0),
        ("sort=oldest", 3),
    ],
)
async def test_200_with_the_interviews_that_match_the_filters(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, query: str, found: int
) -> None:
    await create_interview(database, owner, started_at=NOON)
    await create_interview(database, owner, started_at=NOON + timedelta(days=1))
    await create_interview(database, owner, started_at=NOON + timedelta(days=2), status="completed", language="pt")

    data, meta = assert_success(await client.get(f"/interviews?{query}", headers=owner.headers()), LISTED)

    assert (len(data), meta["pagination"]["total_items"]) == (found, found)


async def test_200_returns_the_applied_filters(client: httpx2.AsyncClient, owner: Actor) -> None:
    query = "status=cancelled&language=en&start_date=2025-10-01T00:00:00%2B02:00&end_date=2025-10-02"

    _, meta = assert_success(await client.get(f"/interviews?{query}", headers=owner.headers()), LISTED)

    assert meta["filters"] == {
        "status": "cancelled",
        "language": "en",
        "start_date": "2025-09-30T22:00:00.000000+00:00",
        "end_date": "2025-10-02T23:59:59.999999+00:00",
    }


async def test_403_without_the_permission_to_read(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.get("/interviews", headers=owner.headers_without("interviews:read"))

    held = [name for name in owner.permissions if name != "interviews:read"]
    assert_permission_missing(response, "interviews:read", held)


async def test_405_for_a_post(client: httpx2.AsyncClient, owner: Actor) -> None:
    assert_method_not_allowed(await client.post("/interviews", headers=owner.headers()), "GET")


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("page=0", ("page", "greater_than_equal")),
        ("page=-1", ("page", "int_parsing")),
        ("page=x", ("page", "int_parsing")),
        ("page=", ("page", "int_parsing")),
        ("page=1.0", ("page", "int_parsing")),
        ("page=%C2%B2", ("page", "int_parsing")),
        ("page=2147483648", ("page", "less_than_equal")),
        (f"page={10**30}", ("page", "int_parsing")),
        (f"page={'9' * 5000}", ("page", "int_parsing")),
        ("page_size=0", ("page_size", "greater_than_equal")),
        ("page_size=101", ("page_size", "less_than_equal")),
        ("status=done", ("status", "enum")),
        ("status=", ("status", "enum")),
        ("status=%00", ("status", "enum")),
        ("language=fr", ("language", "enum")),
        ("start_date=0", ("start_date", "datetime_parsing")),
        ("start_date=1696118400", ("start_date", "datetime_parsing")),
        ("start_date=2025-02-30", ("start_date", "datetime_parsing")),
        ("start_date=2025-10-01T24:00:00Z", ("start_date", "datetime_parsing")),
        ("start_date=2025-10-01+00:00:00", ("start_date", "datetime_parsing")),
        ("start_date=2025-10-01T00:00:00+02:00", ("start_date", "datetime_parsing")),
        ("start_date=2025-10-01T23:59:60Z", ("start_date", "datetime_parsing")),
        ("start_date=20251001", ("start_date", "datetime_parsing")),
        ("end_date=2025-10-01T00:00", ("end_date", "datetime_parsing")),
        ("end_date=%ff", ("end_date", "datetime_parsing")),
        ("page=1&page=0", ("page", "greater_than_equal")),
        ("end_date=yesterday", ("end_date", "datetime_parsing")),
        ("end_date=10000-01-01", ("end_date", "datetime_parsing")),
    ],
)
async def test_422_names_the_parameter(
    client: httpx2.AsyncClient, owner: Actor, query: str, error: tuple[str, str]
) -> None:
    response = await client.get(f"/interviews?{query}", headers=owner.headers())

    assert_validation_error(response, error)
    assert response.headers["server-timing"] == "statements;desc=0"


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("page=99999999999", "of at most ten digits"),
        ("cursor=x", "the next_cursor of a page"),
        ("start_date=2025-10-01T00:00:00+02:00", "a plus in a URL is written %2B"),
    ],
)
async def test_422_says_how_to_correct_the_parameter(
    client: httpx2.AsyncClient, owner: Actor, query: str, hint: str
) -> None:
    response = await client.get(f"/interviews?{query}", headers=owner.headers())

    assert response.status_code == 422
    assert hint in response.json()["errors"][0]["error"]


async def test_200_with_the_interviews_of_one_employee_for_read_all(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    manager = owner.colleague("manager")
    first = await create_interview(database, owner, started_at=NOON)
    await create_interview(database, manager, started_at=NOON + timedelta(hours=1))
    second = await create_interview(database, owner, started_at=NOON + timedelta(hours=2))
    parameters = {"employee_id": str(owner.employee_id).upper(), "page_size": 1}

    response = await client.get("/interviews", params=parameters, headers=manager.headers())
    data, meta = assert_success(response, LISTED)
    assert [(each["id_interview"], each["employee_name"]) for each in data] == [(str(second), owner.name)]
    assert (meta["scope"], meta["filters"]["employee_id"]) == ("organization", str(owner.employee_id))
    assert meta["pagination"]["total_items"] == 2
    assert response.headers["server-timing"] == "statements;desc=1"
    parameters["cursor"] = meta["pagination"]["next_cursor"]
    response = await client.get("/interviews", params=parameters, headers=manager.headers())
    data, _ = assert_success(response, LISTED)
    assert [each["id_interview"] for each in data] == [str(first)]


@pytest.mark.parametrize("value", ["", "x", "the owner's own"])
async def test_403_if_an_employee_is_named_without_read_all(
    client: httpx2.AsyncClient, owner: Actor, value: str
) -> None:
    employee = str(owner.employee_id) if value.startswith("the") else value

    response = await client.get("/interviews", params={"employee_id": employee}, headers=owner.headers())

    assert_permission_missing(response, "interviews:read_all", owner.permissions)
    assert response.headers["server-timing"] == "statements;desc=0"
