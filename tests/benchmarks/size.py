"""What an interview takes: bytes on disk, indexes included, and in the write-ahead log; and connections meanwhile."""

import asyncio
import tempfile
from pathlib import Path

import asyncpg
import click
import httpx2

from tests.benchmarks.machine import in_words, machine
from tests.benchmarks.report import table, write_json
from tests.benchmarks.rows import connected
from tests.benchmarks.servers import OURS, fresh_database, server
from tests.support.actors import Actor

_AT_ONCE = 20
_ANSWER = (
    "I compare the offers of three suppliers in a table, ask my manager above a thousand, and order by e-mail. " * 2
)
"""212 characters."""

_TABLES = ("interview", "interview_message", "idempotency_record")
_SIZES = " + ".join(f"pg_total_relation_size('{name}')" for name in _TABLES)

Figures = dict[str, float]


def measure_size(interviews: int, output: Path | None) -> None:
    """Hold so many interviews, each to its end, every request under a key; print what one takes."""
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name, fresh_database() as url:
        folder = Path(name)
        with server(OURS, url, folder) as service:
            found = asyncio.run(_measured(service.url, url, folder / "keys", interviews))
        told = asyncio.run(machine(url))
    click.echo(table(("of an interview", ""), [(what, f"{value:,.0f}") for what, value in found.items()]))
    click.echo(f"\n{interviews} interviews; {in_words(told)}")
    if output:
        write_json(output, "size", {"machine": told, "interviews": interviews, "figures": found})


async def _measured(service_url: str, url: str, keys: Path, interviews: int) -> Figures:
    owner, waiting = Actor(keys), asyncio.Semaphore(_AT_ONCE)
    async with (
        connected(url) as connection,
        httpx2.AsyncClient(base_url=f"{service_url}/api/v1", headers=owner.headers(), timeout=60) as http,
    ):
        begins_at = await connection.fetchval("SELECT pg_current_wal_insert_lsn()")
        before = await connection.fetchval(f"SELECT {_SIZES}")
        turns = sum(await asyncio.gather(*(_held(http, waiting, number) for number in range(interviews))))
        connections = await _connections(connection)
        wal = await connection.fetchval("SELECT pg_current_wal_insert_lsn() - $1::pg_lsn", begins_at)
        with_keys = await connection.fetchval(f"SELECT {_SIZES}") - before
        await connection.execute("TRUNCATE idempotency_record")
        await connection.execute("VACUUM FULL interview, interview_message")
        messages = await connection.fetchval("SELECT count(*) FROM interview_message")
        without = await connection.fetchval(f"SELECT {_SIZES}")
    return {
        "messages": messages / interviews,
        "bytes on disk": without / interviews,
        "bytes on disk as they come, with what is remembered under keys": with_keys / interviews,
        "bytes of write-ahead log": float(wal) / interviews,
        "bytes of write-ahead log a request": float(wal) / (turns + interviews),
        f"connections of one worker under {_AT_ONCE} clients": connections,
    }


async def _held(http: httpx2.AsyncClient, waiting: asyncio.Semaphore, number: int) -> int:
    """Hold one interview; how many turns it had."""
    async with waiting:
        answer = await http.post("/interviews/start", json={}, headers={"Idempotency-Key": f"{number}"})
        body = {"interview_id": answer.json()["data"]["interview_id"], "user_response": _ANSWER}
        turns, final = 0, False
        while not final:
            turns += 1
            key = {"Idempotency-Key": f"{number}-{turns}"}
            answer = await http.post("/interviews/continue", json=body, headers=key)
            final = answer.json()["data"]["is_final"]
        return turns


async def _connections(connection: "asyncpg.Connection[asyncpg.Record]") -> int:
    """How many the service has at the end of the load, which keeps them for some minutes."""
    found: int = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    return found
