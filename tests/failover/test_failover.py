"""The primary is lost ten times under load: nothing acknowledged is lost or doubled, and the service follows."""

import asyncio
from collections.abc import Iterator

import pytest

from app.database.migrations import migrate
from tests.failover.cluster import Cluster
from tests.failover.conftest import Start
from tests.failover.outages import (
    change_primary,
    cut_from_cluster,
    cut_from_everything,
    format_table,
    kill,
    switch_over,
)
from tests.faults.conftest import Tally
from tests.faults.invariants import assert_stored_equals_acknowledged
from tests.faults.load import Load, assert_all_succeed
from tests.support.actors import Actor
from tests.support.pgbouncer import MISSING, PgBouncer, find_program

CAUSES = (
    kill, switch_over, cut_from_cluster, cut_from_everything, switch_over,
    kill, cut_from_everything, switch_over, cut_from_cluster, kill,
)  # fmt: skip

_BETWEEN = 2.0
"""Seconds of undisturbed load before each cause."""


@pytest.fixture(params=["directly", "through PgBouncer"])
def way(request: pytest.FixtureRequest, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Let clients reach the nodes directly, or each through a PgBouncer beside it."""
    if request.param == "directly":
        yield request.param
        return
    if find_program() is None:
        pytest.skip(MISSING)
    bouncers = [PgBouncer(node.url(), tmp_path_factory.mktemp("bouncer"), pool_size=20) for node in cluster.nodes]
    try:
        with cluster.reached_at([bouncer.start().port for bouncer in bouncers]):
            yield request.param
    finally:
        for bouncer in bouncers:
            bouncer.stop()


async def test_no_answer_is_lost_or_doubled_in_ten_failovers(
    cluster: Cluster, way: str, database: str, start_service: Start, tally: Tally, owner: Actor
) -> None:
    url = cluster.url(database)
    await migrate(url)
    service = start_service(DATABASE_URL=url, STATEMENT_CACHE="true" if way == "directly" else "false")
    outages = []

    try:
        async with Load(service.url, owner).run() as ledger:
            for cause in CAUSES:
                await asyncio.sleep(_BETWEEN)
                outages.append(await change_primary(cluster, ledger, cause))
    finally:
        tally(f"{ledger}\n{format_table(way, outages)}")

    assert len(outages) == 10
    await assert_stored_equals_acknowledged(url, ledger)
    await assert_all_succeed(service.url, owner)
