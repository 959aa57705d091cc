"""Statements that are compiled once and run with values: Piccolo queries and SQL text."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import pytest
from piccolo.query.base import Query

from app.database.engine import OutsideTransaction
from app.database.parameters import StatementError
from app.database.statement import query, sql
from app.database.unit_of_work import UnitOfWork
from tables.interview import Interview
from tests.database.conftest import MakeDatabase
from tests.database.support import sql as run_sql

INSERT = query(
    lambda interview_id, now: Interview.insert(
        Interview(
            id_interview=interview_id,
            employee_id=interview_id,
            organization_id=interview_id,
            total_messages=77,
            started_at=now,
            created_at=now,
            updated_at=now,
        )
    )
)


async def test_a_piccolo_query_is_built_once(database: UnitOfWork) -> None:
    builds = 0

    def build(status: object) -> Query:
        nonlocal builds
        builds += 1
        return Interview.select(Interview.id_interview).where(Interview.status == status)

    statement = query(build)
    for status in ("completed", "cancelled", "in_progress"):
        assert await database.read(statement.all, status=status) == []

    assert builds == 1
    assert statement.sql.endswith('WHERE "interview"."status" = $1')


async def test_a_piccolo_query_keeps_its_constants(database: UnitOfWork) -> None:
    statement = query(
        lambda interview_id: Interview.select(Interview.status).where(
            Interview.total_messages == 77, Interview.id_interview == interview_id, Interview.language == "es"
        )
    )

    async def insert_and_find(interview_id: UUID) -> tuple[asyncpg.Record | None, asyncpg.Record | None]:
        await INSERT.execute(interview_id=interview_id, now=datetime.now(UTC))
        return await statement.first(interview_id=interview_id), await statement.first(interview_id=uuid4())

    found, missing = await database.write(insert_and_find, uuid4())
    assert found is not None
    assert dict(found) == {"status": "in_progress"}
    assert missing is None


def test_a_piccolo_query_that_ignores_a_parameter_raises() -> None:
    with pytest.raises(StatementError, match="the query does not use language, role: SELECT"):
        query(lambda status, language, role: Interview.select().where(Interview.status == status))


async def test_all_pages_share_one_prepared_statement(make_database: MakeDatabase) -> None:
    database = await make_database(pool_max_size=1)
    page = sql("SELECT id_interview FROM interview ORDER BY id_interview LIMIT :page_size OFFSET :offset")

    async def count_prepared_statements() -> int:
        for offset in range(20):
            await page.all(page_size=offset + 1, offset=offset)
        prepared = await run_sql("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%LIMIT%OFFSET%'")
        return len([row for row in prepared if "pg_prepared_statements" not in row["statement"]])

    assert page.sql.endswith("LIMIT $1 OFFSET $2")
    assert await database.read(count_prepared_statements) == 1


async def test_a_value_may_be_null_and_a_parameter_may_occur_several_times(database: UnitOfWork) -> None:
    statement = sql("SELECT :a::text AS a, :a::text AS again, :b::int AS b")

    assert statement.sql == "SELECT $1::text AS a, $1::text AS again, $2::int AS b"
    assert dict(await database.read(statement.one, a=None, b=None)) == {"a": None, "again": None, "b": None}
    assert dict(await database.read(statement.one, a="x", b=0)) == {"a": "x", "again": "x", "b": 0}


async def test_values_are_never_part_of_the_statement(database: UnitOfWork) -> None:
    statement = sql("SELECT :text::text AS text")

    for text in ("'; DROP TABLE note; --", "{} $1 :text", "%s", "\\"):
        assert (await database.read(statement.one, text=text))["text"] == text


async def test_colons_that_are_no_parameters_reach_postgresql_unchanged(database: UnitOfWork) -> None:
    statement = sql("""
        SELECT
            (ARRAY[:a::int, 2, 3])[1:n] AS slice,
            (ARRAY[1, 2, 3])[(:low):(:high)] AS slice_of_parameters,
            ':a' AS literal, E'\\':a' AS escaped, $$:a$$ AS quoted,  -- :a
            make_interval(hours := 2) = '2:00'::interval AS "equal:a"  /* :a /* nested */ :a */
        FROM (SELECT 2 AS n) AS numbers
    """)

    row = await database.read(statement.one, a=1, low=2, high=3)

    assert dict(row) == {
        "slice": [1, 2],
        "slice_of_parameters": [2, 3],
        "literal": ":a",
        "escaped": "':a",
        "quoted": ":a",
        "equal:a": True,
    }


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"a": 1}, "missing values: b; unknown values: none; statement: SELECT $1::int, $2::int"),
        ({}, "missing values: a, b; unknown values: none"),
        ({"a": 1, "b": 2, "c": 3}, "missing values: none; unknown values: c"),
        ({"a": 1, "bb": 2}, "missing values: b; unknown values: bb"),
    ],
)
async def test_missing_and_unknown_values_are_named(
    database: UnitOfWork, values: dict[str, object], message: str
) -> None:
    statement = sql("SELECT :a::int, :b::int")

    with pytest.raises(TypeError) as raised:
        await database.read(statement.all, **values)

    assert message in str(raised.value)


async def test_a_statement_outside_a_transaction_raises(database: UnitOfWork) -> None:
    statement = sql("SELECT :a::int")

    with pytest.raises(OutsideTransaction, match="SELECT"):
        await statement.all(a=1)


async def test_first_returns_the_first_row_or_none_and_one_returns_the_only_row(database: UnitOfWork) -> None:
    rows = sql("SELECT generate_series(1, :n::int) AS n")

    assert await database.read(rows.first, n=0) is None
    assert (await database.read(rows.first, n=2))["n"] == 1
    assert (await database.read(rows.one, n=1))["n"] == 1
    for n in (0, 2):
        with pytest.raises(ValueError, match="unpack"):
            await database.read(rows.one, n=n)


async def test_a_value_of_a_wrong_type_raises_asyncpgs_error(database: UnitOfWork) -> None:
    statement = sql("SELECT :a::int")

    with pytest.raises(asyncpg.DataError):
        await database.read(statement.all, a="no number")
