"""Measure an interview's bytes on disk with indexes and in the write-ahead log, and the connections under load."""

import asyncio
import tempfile
from pathlib import Path

import asyncpg
import click
import httpx2

from tests.benchmarks.machine import describe_machine, format_machine
from tests.benchmarks.report import table, write_json
from tests.benchmarks.rows import open_connection
from tests.benchmarks.servers import OURS, create_server, fresh_database
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
    """Run complete interviews with an Idempotency-Key for each request, and print the size of one."""
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name, fresh_database() as url:
        folder = Path(name)
        with create_server(OURS, url, folder) as service:
            found = asyncio.run(_measure(service.url, url, folder / "keys", interviews))
        environment = asyncio.run(describe_machine(url))
    click.echo(table(("per interview", ""), [(what, f"{value:,.0f}") for what, value in found.items()]))
    click.echo(f"\n{interviews} interviews; {format_machine(environment)}")
    if output:
        write_json(output, "size", {"machine": environment, "interviews": interviews, "figures": found})


async def _measure(service_url: str, url: str, keys: Path, interviews: int) -> Figures:
    owner, semaphore = Actor(keys), asyncio.Semaphore(_AT_ONCE)
    async with (
        open_connection(url) as connection,
        httpx2.AsyncClient(base_url=f"{service_url}/api/v1", headers=owner.headers(), timeout=60) as http,
    ):
        begins_at = await connection.fetchval("SELECT pg_current_wal_insert_lsn()")
        before = await connection.fetchval(f"SELECT {_SIZES}")
        turns = sum(await asyncio.gather(*(_run_interview(http, semaphore, number) for number in range(interviews))))
        connections = await _connections(connection)
        wal = await connection.fetchval("SELECT pg_current_wal_insert_lsn() - $1::pg_lsn", begins_at)
        with_keys = await connection.fetchval(f"SELECT {_SIZES}") - before
        await connection.execute("TRUNCATE idempotency_record")
        await connection.execute("VACUUM FULL interview, interview_message")
        messages = await connection.fetchval("SELECT count(*) FROM interview_message")
        without_keys = await connection.fetchval(f"SELECT {_SIZES}")
    return {
        "messages": messages / interviews,
        "bytes on disk": without_keys / interviews,
        "bytes on disk before a vacuum, with idempotency records": with_keys / interviews,
        "bytes of write-ahead log": float(wal) / interviews,
        "bytes of write-ahead log per request": float(wal) / (turns + interviews),
        f"connections of one worker under {_AT_ONCE} clients": connections,
    }


async def _run_interview(http: httpx2.AsyncClient, semaphore: asyncio.Semaphore, number: int) -> int:
    """Run one interview and return the number of its turns."""
    async with semaphore:
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
    """Return the number of the service's connections at the end of the load. It keeps them for some minutes."""
    found: int = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    return found
