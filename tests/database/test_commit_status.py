"""If the answer to a COMMIT is lost, the service asks PostgreSQL whether the transaction was committed."""

import asyncio

import asyncpg
import pytest
from structlog.testing import capture_logs

from app.database import commit_status
from app.database.deadline import Deadline
from app.database.unit_of_work import UnitOfWork
from app.domain.errors import CommitStatusUnknown, DatabaseUnavailable
from tests.database.conftest import MakeDatabase
from tests.database.support import add_note, assert_nothing_is_left, count_notes, sql, wait_until
from tests.support.proxy import Proxy


@pytest.fixture
async def database_behind_proxy(make_database: MakeDatabase, proxy: Proxy) -> UnitOfWork:
    """Open a pool whose connections can be cut."""
    return await make_database(proxy.url, request_timeout=5)


async def is_stored(observer: asyncpg.Connection, text: str) -> bool:
    """Return whether a note is stored. PostgreSQL may still be working on a COMMIT of a closed connection."""
    return await count_notes(observer, text) == 1


async def test_the_effect_exists_once_if_the_answer_to_commit_is_lost(
    database_behind_proxy: UnitOfWork, observer: asyncpg.Connection, proxy: Proxy
) -> None:
    calls = 0

    async def count_and_add() -> str:
        nonlocal calls
        calls += 1
        return await add_note("answer lost")

    proxy.cut = "after COMMIT"
    with capture_logs() as logs:
        assert await database_behind_proxy.write(count_and_add) == "answer lost"

    assert (calls, proxy.cuts, await count_notes(observer, "answer lost")) == (1, 1, 1)
    assert [log["status"] for log in logs if log["event"] == "commit_status_known"] == ["committed"]
    await assert_nothing_is_left(database_behind_proxy, observer)


async def test_the_effect_exists_once_if_the_commit_is_lost(
    database_behind_proxy: UnitOfWork, observer: asyncpg.Connection, proxy: Proxy
) -> None:
    calls = 0

    async def count_and_add() -> int:
        nonlocal calls
        calls += 1
        await add_note("commit lost")
        return calls

    proxy.cut = "before COMMIT"
    assert await database_behind_proxy.write(count_and_add) == 2

    assert (proxy.cuts, await count_notes(observer, "commit lost")) == (1, 1)
    await assert_nothing_is_left(database_behind_proxy, observer)


async def test_a_commit_that_still_runs_is_awaited(
    database_behind_proxy: UnitOfWork, observer: asyncpg.Connection, proxy: Proxy
) -> None:
    async def slow_commit() -> None:
        await add_note("still committing")
        await sql("INSERT INTO slow_at_commit VALUES (0.3)")

    proxy.cut = "after COMMIT"
    await database_behind_proxy.write(slow_commit)

    assert await count_notes(observer, "still committing") == 1
    await assert_nothing_is_left(database_behind_proxy, observer)


@pytest.mark.parametrize("cut", ["before COMMIT", "after COMMIT"])
async def test_the_commit_status_is_unknown_if_postgresql_does_not_answer(
    make_database: MakeDatabase, observer: asyncpg.Connection, proxy: Proxy, cut: str
) -> None:
    database = await make_database(proxy.url, request_timeout=0.3)
    calls = 0

    async def count_and_add() -> None:
        nonlocal calls
        calls += 1
        await add_note(f"cut {cut}")

    proxy.cut, proxy.reject_after_cut = cut, True
    with pytest.raises(CommitStatusUnknown):
        await database.write(count_and_add)

    proxy.rejecting = False
    assert calls == 1
    if cut == "after COMMIT":
        await wait_until(lambda: is_stored(observer, f"cut {cut}"))
    await assert_nothing_is_left(database, observer)
    assert await count_notes(observer, f"cut {cut}") == (cut == "after COMMIT")


async def test_a_commit_without_a_reply_is_looked_up_until_a_margin_after_the_deadline(
    make_database: MakeDatabase, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.database.database.LOOK_UP_MARGIN", 0.5)
    opened = await make_database(proxy.url, request_timeout=60, statement_timeout=0.5, connect_timeout=0.5)

    async def add_and_silence() -> None:
        await add_note("before the silence")
        proxy.silent_after = proxy.forwarded

    began = asyncio.get_running_loop().time()
    async with Deadline.after(1) as deadline:
        unit_of_work = UnitOfWork(opened._database, deadline)
        with pytest.raises(CommitStatusUnknown):
            await unit_of_work.write(add_and_silence)

    # 1 s up to the deadline at most, 0.5 s STATEMENT_TIMEOUT, 2 s RESPONSE_GRACE, 0.5 s LOOK_UP_MARGIN
    assert asyncio.get_running_loop().time() - began < 1 + 0.5 + 2 + 0.5 + 1


async def test_the_commit_status_is_unknown_after_a_crash(
    database_behind_proxy: UnitOfWork, observer: asyncpg.Connection, proxy: Proxy
) -> None:
    async def add_note_and_simulate_crash() -> None:
        await add_note("crashed")
        await observer.execute("SELECT pg_stat_reset_shared('archiver')")

    proxy.cut = "after COMMIT"
    with pytest.raises(CommitStatusUnknown, match="crashed"):
        await database_behind_proxy.write(add_note_and_simulate_crash)

    await assert_nothing_is_left(database_behind_proxy, observer)


async def test_a_transaction_id_that_was_never_assigned_is_aborted(observer: asyncpg.Connection) -> None:
    next_id = int(await observer.fetchval("SELECT pg_snapshot_xmax(pg_current_snapshot())"))

    assert (
        await commit_status.look_up(
            observer, commit_status.ReportedTransaction(str(next_id + 1_000_000), 0.0, "00000001")
        )
        == "aborted"
    )


async def test_the_commit_status_is_unknown_if_the_transaction_id_was_not_reported(
    database_behind_proxy: UnitOfWork, observer: asyncpg.Connection, proxy: Proxy
) -> None:
    database = database_behind_proxy._database
    database.begin_write = database.begin_write.partition("SELECT set_config")[0]
    proxy.cut = "after COMMIT"
    with pytest.raises(CommitStatusUnknown):
        await database_behind_proxy.write(add_note, "id not reported")

    await wait_until(lambda: is_stored(observer, "id not reported"))
    await assert_nothing_is_left(database_behind_proxy, observer)


async def test_the_status_of_each_of_many_concurrent_commits_is_found(
    make_database: MakeDatabase, observer: asyncpg.Connection, proxy: Proxy
) -> None:
    database = await make_database(proxy.url, pool_max_size=4)

    cuts = iter(["before COMMIT", "after COMMIT"] * 5)

    async def add_note_and_cut(number: int) -> None:
        await add_note(f"one of many {number}")
        proxy.cut = proxy.cut or next(cuts, None)

    await asyncio.gather(*(database.write(add_note_and_cut, number) for number in range(20)))

    assert proxy.cuts == 10
    assert [await count_notes(observer, f"one of many {number}") for number in range(20)] == [1] * 20
    await assert_nothing_is_left(database, observer)


async def test_a_read_is_repeated_if_its_commit_gets_no_answer(
    database_behind_proxy: UnitOfWork, observer: asyncpg.Connection, proxy: Proxy
) -> None:
    proxy.cut = "after COMMIT"
    assert await database_behind_proxy.read(sql, "SELECT 1 AS one") == [{"one": 1}]

    assert proxy.cuts == 1
    await assert_nothing_is_left(database_behind_proxy, observer)


async def test_the_database_is_unavailable_if_no_server_listens(
    database_behind_proxy: UnitOfWork, proxy: Proxy
) -> None:
    proxy.rejecting = True
    with pytest.raises(DatabaseUnavailable) as raised:
        await database_behind_proxy.write(add_note, "no server")

    assert not isinstance(raised.value, CommitStatusUnknown)
