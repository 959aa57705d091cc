"""CockroachDB supports every statement of the service."""

import pytest

from app.database.dialect import COCKROACHDB, POSTGRESQL, asyncpg_url, dialect_of
from tests.support.fake_cockroach import find_unsupported
from tests.support.statements import STATEMENTS


@pytest.mark.parametrize("name", STATEMENTS)
def test_cockroachdb_supports_the_statement(name: str) -> None:
    assert find_unsupported(STATEMENTS[name].sql) is None


@pytest.mark.parametrize(
    "statement",
    [
        POSTGRESQL.report_transaction,
        "ALTER TABLE a ALTER CONSTRAINT b DEFERRABLE INITIALLY DEFERRED",
        "SELECT documents[:listed] FROM page",
        "SELECT documents[1:2] FROM page",
        "SELECT ARRAY[array_agg(a), array_agg(b)] FROM c",
        "SELECT EXISTS (SELECT FROM found)",
        "SELECT pg_advisory_xact_lock(1)",
    ],
)
def test_the_check_finds_an_unsupported_statement(statement: str) -> None:
    assert find_unsupported(statement) is not None


def test_the_scheme_of_a_url_selects_the_dialect_and_is_replaced_for_asyncpg() -> None:
    assert dialect_of("cockroachdb://someone@somewhere:26257/interviews") is COCKROACHDB
    assert (
        asyncpg_url("cockroachdb://someone@somewhere:26257/interviews")
        == "postgresql://someone@somewhere:26257/interviews"
    )
    for url in ("postgresql://cockroachdb://x", "postgres://somewhere/interviews"):
        assert dialect_of(url) is POSTGRESQL
        assert asyncpg_url(url) == url
    assert dialect_of(None) is POSTGRESQL
