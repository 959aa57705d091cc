"""A COMMIT whose answer is lost is neither repeated blindly nor given up: PostgreSQL is asked what became of it."""

import asyncio

import asyncpg
import pytest
from structlog.testing import capture_logs

from app.database import commit_status
from app.database.unit_of_work import UnitOfWork
from app.domain.errors import CommitStatusUnknown, DatabaseUnavailable
from tests.database.conftest import MakeDatabase
from tests.database.support import add_note, assert_nothing_is_left, eventually, notes, sql
from tests.support.proxy import Proxy


@pytest.fixture
async def through_proxy(make: MakeDatabase, proxy: Proxy) -> UnitOfWork:
    """Transactions whose connections can be cut."""
    return await make(proxy.url, request_timeout=5)


async def stored(observer: asyncpg.Connection, text: str) -> bool:
    """Whether a note is there by now: PostgreSQL may still be busy with a COMMIT whose sender is gone."""
    return await notes(observer, text) == 1


async def test_the_answer_is_lost_and_the_effect_exists_once(
    through_proxy: UnitOfWork, observer: asyncpg.Connection, proxy: Proxy
) -> None:
    calls = 0

    async def count_and_add() -> str:
        nonlocal calls
        calls += 1
        return await add_note("answer lost")

    proxy.cut = "after COMMIT"
    with capture_logs() as logs:
        assert await through_proxy.write(count_and_add) == "answer lost"

    assert (calls, proxy.cuts, await notes(observer, "answer lost")) == (1, 1, 1)
    assert [log["status"] for log in logs if log["event"] == "commit_status_known"] == ["committed"]
    await assert_nothing_is_left(through_proxy, observer)


async def test_the_commit_itself_is_lost_and_a_second_attempt_makes_the_effect_exist_once(
    through_proxy: UnitOfWork, observer: asyncpg.Connection, proxy: Proxy
) -> None:
    calls = 0

    async def count_and_add() -> int:
        nonlocal calls
        calls += 1
        await add_note("commit lost")
        return calls

    proxy.cut = "before COMMIT"
    assert await through_proxy.write(count_and_add) == 2

    assert (proxy.cuts, await notes(observer, "commit lost")) == (1, 1)
    await assert_nothing_is_left(through_proxy, observer)


async def test_while_the_commit_is_still_under_way_it_is_waited_for(
    through_proxy: UnitOfWork, observer: asyncpg.Connection, proxy: Proxy
) -> None:
    async def slow_commit() -> None:
        await add_note("still committing")
        await sql("INSERT INTO slow_at_commit VALUES (0.3)")

    proxy.cut = "after COMMIT"
    await through_proxy.write(slow_commit)

    assert await notes(observer, "still committing") == 1
    await assert_nothing_is_left(through_proxy, observer)


@pytest.mark.parametrize("cut", ["before COMMIT", "after COMMIT"])
async def test_nobody_can_be_asked_and_the_outcome_is_said_to_be_unknown(
    make: MakeDatabase, observer: asyncpg.Connection, proxy: Proxy, cut: str
) -> None:
    database = await make(proxy.url, request_timeout=0.3)
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
        await eventually(lambda: stored(observer, f"cut {cut}"))
    await assert_nothing_is_left(database, observer)
    assert await notes(observer, f"cut {cut}") == (cut == "after COMMIT")


async def test_the_database_crashed_meanwhile_and_its_word_counts_for_nothing(
    through_proxy: UnitOfWork, observer: asyncpg.Connection, proxy: Proxy
) -> None:
    async def meanwhile_statistics_start_anew_as_after_a_crash() -> None:
        await add_note("crashed")
        await observer.execute("SELECT pg_stat_reset_shared('archiver')")

    proxy.cut = "after COMMIT"
    with pytest.raises(CommitStatusUnknown, match="crashed"):
        await through_proxy.write(meanwhile_statistics_start_anew_as_after_a_crash)

    await assert_nothing_is_left(through_proxy, observer)


async def test_an_id_that_a_crash_took_back_was_not_committed(observer: asyncpg.Connection) -> None:
    next_id = int(await observer.fetchval("SELECT pg_snapshot_xmax(pg_current_snapshot())"))

    assert (
        await commit_status.look_up(observer, commit_status.ReportedTransaction(str(next_id + 1_000_000), 0.0))
        == "aborted"
    )


async def test_an_id_that_never_came_leaves_the_outcome_unknown(
    through_proxy: UnitOfWork, observer: asyncpg.Connection, proxy: Proxy
) -> None:
    database = through_proxy._database
    database.begin_write = database.begin_write.partition("SELECT set_config")[0]
    proxy.cut = "after COMMIT"
    with pytest.raises(CommitStatusUnknown):
        await through_proxy.write(add_note, "id kept back")

    await eventually(lambda: stored(observer, "id kept back"))
    await assert_nothing_is_left(through_proxy, observer)


async def test_many_at_once_are_each_settled_for_themselves(
    make: MakeDatabase, observer: asyncpg.Connection, proxy: Proxy
) -> None:
    database = await make(proxy.url, pool_max_size=4)

    cuts = iter(["before COMMIT", "after COMMIT"] * 5)

    async def cut_some(number: int) -> None:
        await add_note(f"one of many {number}")
        proxy.cut = proxy.cut or next(cuts, None)

    await asyncio.gather(*(database.write(cut_some, number) for number in range(20)))

    assert proxy.cuts == 10
    assert [await notes(observer, f"one of many {number}") for number in range(20)] == [1] * 20
    await assert_nothing_is_left(database, observer)


async def test_a_reading_whose_commit_gets_no_answer_is_read_again(
    through_proxy: UnitOfWork, observer: asyncpg.Connection, proxy: Proxy
) -> None:
    proxy.cut = "after COMMIT"
    assert await through_proxy.read(sql, "SELECT 1 AS one") == [{"one": 1}]

    assert proxy.cuts == 1
    await assert_nothing_is_left(through_proxy, observer)


async def test_unavailable_is_what_it_is_while_nobody_listens(through_proxy: UnitOfWork, proxy: Proxy) -> None:
    proxy.rejecting = True
    with pytest.raises(DatabaseUnavailable) as raised:
        await through_proxy.write(add_note, "nobody listens")

    assert not isinstance(raised.value, CommitStatusUnknown)
