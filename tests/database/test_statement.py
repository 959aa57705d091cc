"""Statements in Piccolo's language, compiled once and run with values."""

from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest
from piccolo.query.base import Query
from piccolo.querystring import QueryString

from app.database.engine import OutsideTransaction
from app.database.statement import compiled
from app.database.transactions import Transactions
from tables.interview import Interview
from tests.database.conftest import MakeDatabase
from tests.database.support import sql


async def test_the_query_is_built_once_and_at_its_first_use(database: Transactions) -> None:
    built = 0

    def build(status: object) -> Query:
        nonlocal built
        built += 1
        return Interview.select(Interview.id_interview).where(Interview.status == status)

    statement = compiled(build)
    assert built == 0
    for status in ("completed", "cancelled", "in_progress"):
        assert await database.reading(statement.rows, status=status) == []

    assert built == 1
    assert statement.sql.endswith('WHERE "interview"."status" = $1')


async def test_all_pages_are_one_prepared_statement(make: MakeDatabase) -> None:
    database = await make(pool_max_size=1)
    numbers = compiled(
        lambda limit, offset: (
            Interview.select(Interview.id_interview).order_by(Interview.id_interview).limit(limit).offset(offset)
        )
    )

    async def pages() -> int:
        for offset in range(20):
            await numbers.rows(limit=offset + 1, offset=offset)
        prepared = await sql("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%LIMIT%OFFSET%'")
        return len([row for row in prepared if "pg_prepared_statements" not in row["statement"]])

    assert "LIMIT $1" in numbers.sql
    assert "OFFSET $2" in numbers.sql
    assert await database.reading(pages) == 1


async def test_limit_and_offset_do_what_they_say(database: Transactions) -> None:
    page = compiled(
        lambda limit, offset, least: QueryString(
            "{} ",
            Interview.select(QueryString("started_at"))
            .where(Interview.total_messages >= least)
            .order_by(Interview.started_at)
            .limit(limit)
            .offset(offset)
            .querystrings[0],
        )
    )

    async def some() -> list[int]:
        for day in range(1, 8):
            moment = datetime(2025, 1, day, tzinfo=UTC)
            await Interview.insert(
                Interview(
                    id_interview=uuid4(),
                    employee_id=uuid4(),
                    organization_id=uuid4(),
                    total_messages=77,
                    started_at=moment,
                    created_at=moment,
                    updated_at=moment,
                )
            )
        return [row["started_at"].day for row in await page.rows(least=77, limit=3, offset=2)]

    assert await database.writing(some) == [3, 4, 5]


async def test_a_value_may_be_null_and_one_parameter_stand_in_several_places(database: Transactions) -> None:
    statement = compiled(lambda a, b: QueryString("SELECT {}::text AS a, {}::text AS again, {}::int AS b", a, a, b))

    assert dict(await database.reading(statement.one, a=None, b=None)) == {"a": None, "again": None, "b": None}
    assert dict(await database.reading(statement.one, a="x", b=0)) == {"a": "x", "again": "x", "b": 0}


async def test_values_never_become_text_of_the_statement(database: Transactions) -> None:
    statement = compiled(lambda text: QueryString("SELECT {}::text AS text", text))

    for text in ("'; DROP TABLE note; --", "{} $1 «text»", "%s", "\\"):
        assert (await database.reading(statement.one, text=text))["text"] == text


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"a": 1}, "values missing: b; of no parameter: none; statement: SELECT $1::int, $2::int"),
        ({}, "values missing: a, b; of no parameter: none"),
        ({"a": 1, "b": 2, "c": 3}, "values missing: none; of no parameter: c"),
        ({"a": 1, "bb": 2}, "values missing: b; of no parameter: bb"),
    ],
)
async def test_values_that_are_not_those_of_the_parameters_are_refused_by_name(
    database: Transactions, values: dict[str, object], complaint: str
) -> None:
    statement = compiled(lambda a, b: QueryString("SELECT {}::int, {}::int", a, b))

    with pytest.raises(TypeError) as raised:
        await database.reading(statement.rows, **values)

    assert complaint in str(raised.value)


async def test_outside_a_transaction_it_is_refused_and_named(database: Transactions) -> None:
    statement = compiled(lambda a: QueryString("SELECT {}::int", a))

    with pytest.raises(OutsideTransaction, match="SELECT"):
        await statement.rows(a=1)


async def test_one_row_is_asked_for_where_there_is_always_one(database: Transactions) -> None:
    rows = compiled(lambda n: QueryString("SELECT generate_series(1, {}::int) AS n", n))

    assert await database.reading(rows.row, n=0) is None
    assert (await database.reading(rows.row, n=2))["n"] == 1
    assert (await database.reading(rows.one, n=1))["n"] == 1
    for n in (0, 2):
        with pytest.raises(ValueError, match="unpack"):
            await database.reading(rows.one, n=n)


async def test_a_wrong_kind_of_value_is_a_fault_of_our_own(database: Transactions) -> None:
    statement = compiled(lambda a: QueryString("SELECT {}::int", a))

    with pytest.raises(asyncpg.DataError):
        await database.reading(statement.rows, a="no number")
