"""After a failover, reads from the replica use the new one, and the commands the new primary."""

import asyncio
import itertools
from pathlib import Path

import asyncpg
import httpx2
import pytest

from app.database.migrations import migrate
from tests.failover.cluster import PASSWORD, SECONDS, Cluster, Node
from tests.failover.conftest import Start
from tests.failover.outages import Break, kill, switch_over
from tests.support.actors import Actor
from tests.support.command_line import run_subprocess

API = "/api/v1/interviews"

_READERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name ~ '^interview-system/[0-9A-F]+/[0-9A-F]+$'
"""
"""Connections that have served a read of the service: BEGIN reports the position of a replica."""


async def _serves_reads(node: Node, database: str) -> bool:
    """Return whether the service has read from a node that is a replica."""
    connection = await asyncpg.connect(node.url(database), timeout=10)
    try:
        return await connection.fetchval("SELECT pg_is_in_recovery()") and await connection.fetchval(_READERS) > 0
    finally:
        await connection.close()


async def _change_and_read(http: httpx2.AsyncClient, interview_id: str, status: str) -> None:
    """Change the status of an interview. If it is confirmed, the next read must have it."""
    changed = await http.patch(f"{API}/{interview_id}", json={"status": status})
    if changed.status_code == 200:
        read = await http.get(f"{API}/{interview_id}")
        assert read.status_code in (200, 503)
        assert read.status_code == 503 or read.json()["data"]["status"] == status


@pytest.mark.parametrize("cause", [switch_over, kill])
async def test_reads_follow_the_replica(
    cluster: Cluster, database: str, start_service: Start, owner: Actor, cause: Break
) -> None:
    await migrate(cluster.url(database))
    replica = cluster.url(database, role="standby")
    service = start_service(DATABASE_URL=cluster.url(database), REPLICA_URL=replica, REPLICA_MAX_LAG="2")
    statuses = itertools.cycle(["cancelled", "in_progress"])
    primary = cluster.find_primary()
    assert primary is not None
    standby = cluster.other(primary)

    async with httpx2.AsyncClient(base_url=service.url, headers=owner.headers(), timeout=30) as http:
        started = await http.post(f"{API}/start", json={"language": "en"})
        interview_id = started.json()["data"]["interview_id"]

        async def read_until_served_by(node: Node) -> None:
            async with asyncio.timeout(SECONDS):
                while not await _serves_reads(node, database):
                    await _change_and_read(http, interview_id, next(statuses))

        await read_until_served_by(standby)
        cause(cluster, primary)
        cluster.wait_until_primary(standby)
        cluster.repair()
        await read_until_served_by(primary)


async def test_commands_use_the_new_primary(cluster: Cluster, database: str, tmp_path: Path, key_dir: Path) -> None:
    url = cluster.url(database)
    settings = {"DATABASE_URL": url, "JWT_KEY_DIR": str(key_dir)}
    for _ in cluster.nodes:
        primary = cluster.find_primary()
        assert primary is not None
        file = tmp_path / f"{primary.name}.backup"

        results = [run_subprocess(*command, **settings) for command in (["migrate"], ["doctor"], ["backup", str(file)])]

        assert [result.returncode for result in results] == [0, 0, 0], results
        assert file.stat().st_size > 0
        assert PASSWORD not in "".join(result.stdout + result.stderr for result in results)
        cluster.switch_over(primary)
        cluster.wait_until_primary(cluster.other(primary))
        cluster.repair()
