"""Fill the database with interviews of a few employees. PostgreSQL generates them, with known ids."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

ORGANIZATION = UUID("018f0000-0000-7000-8001-000000000001")
OWNER = UUID("018f0000-0000-7000-8002-000000000001")
WRITER = UUID("018f0000-0000-7000-8002-000000000002")
STARTERS = tuple(UUID(f"018f0000-0000-7000-8003-{number:012x}") for number in range(1, 61))
USER_NAME, ORGANIZATION_NAME = "Núria Müller", "Ação & Cía"

OWNED = range(1, 61)
"""The owner's interviews: 9 messages each, every third of them completed."""

CONTINUED = range(1_001, 3_401)
"""The writer's interviews: one message each, for continue."""

OTHERS = range(10_001, 11_001)
"""Interviews of other organizations, 9 messages each."""

_ID = "('018f0000-0000-7000-8000-' || lpad(to_hex({}), 12, '0'))::uuid"
_MESSAGE_ID = "md5({} || '/' || {})::uuid"
_CONTENT = (
    "CASE {} % 2 WHEN 1 THEN 'Entiendo: «los pedidos que llegan por correo». ¿Qué pasos da de principio a fin?' "
    "ELSE 'Reviso los pedidos que llegan por correo, los paso al sistema y aviso al almacén de lo que falta.' END"
)


def interview_id(number: int) -> UUID:
    """Return the id of the interview with this number."""
    return UUID(f"018f0000-0000-7000-8000-{number:012x}")


@asynccontextmanager
async def open_connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Open a connection for filling, without checks of foreign keys and time limits."""
    connection = await asyncpg.connect(url, server_settings={"session_replication_role": "replica"})
    try:
        yield connection
    finally:
        await connection.close()


async def fill(url: str) -> None:
    """Delete all rows and insert the rows of the benchmarks of single operations."""
    async with open_connection(url) as connection:
        await connection.execute("TRUNCATE interview, interview_message, idempotency_record CASCADE")
        await add(connection, OWNED, messages=9, employee=f"'{OWNER}'", completed="n % 3 = 0")
        await add(connection, CONTINUED, messages=1, employee=f"'{WRITER}'")
        await add(
            connection, OTHERS, messages=9, employee=_ID.format("n % 50 + 1"), organization=_ID.format("n % 7 + 1")
        )
        await connection.execute("VACUUM ANALYZE interview, interview_message")


async def add(
    connection: asyncpg.Connection,
    numbers: range,
    *,
    messages: int,
    employee: str,
    organization: str = f"'{ORGANIZATION}'",
    completed: str = "false",
) -> None:
    """Insert an interview for each number, one minute apart. The keyword arguments are SQL of `n`."""
    await connection.execute(
        f"""
        INSERT INTO interview
        (id_interview, employee_id, organization_id, user_name, organization_name, roles, language, technical_level,
         status, total_messages, started_at, completed_at, created_at, updated_at)
        SELECT {_ID.format("n")}, ({employee})::uuid, ({organization})::uuid, '{USER_NAME}', '{ORGANIZATION_NAME}',
               '{{employee}}', 'es', 'unknown', CASE WHEN {completed} THEN 'completed' ELSE 'in_progress' END,
               {messages}, moment, CASE WHEN {completed} THEN moment + interval '1 hour' END, moment, moment
        FROM generate_series({numbers.start}, {numbers.stop - 1}) AS n,
             LATERAL (SELECT timestamptz '2024-01-01 00:00:00.000123+00' + n * interval '1 minute') AS at(moment)
        """
    )
    await add_messages(connection, numbers, range(1, messages + 1))


async def add_messages(connection: asyncpg.Connection, numbers: range, sequence_numbers: range) -> None:
    """Insert messages into interviews, the assistant's and the user's in turn."""
    await connection.execute(
        f"""
        INSERT INTO interview_message (id_message, interview_id, role, content, sequence_number, created_at)
        SELECT {_MESSAGE_ID.format("n", "k")}, {_ID.format("n")}, CASE k % 2 WHEN 1 THEN 'assistant' ELSE 'user' END,
               {_CONTENT.format("k")}, k,
               timestamptz '2024-01-01 00:00:00.000123+00' + n * interval '1 minute' + k * interval '1 second'
        FROM generate_series({numbers.start}, {numbers.stop - 1}) AS n,
             generate_series({sequence_numbers.start}, {sequence_numbers.stop - 1}) AS k
        """
    )
