"""Serve the template's backend on an embedded PostgreSQL: `python serve.py HOME DATA PORT`."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from app.embedded_postgres import EmbeddedPostgres

_ACCOUNT = {"FIRST_SUPERUSER": "admin@example.com", "FIRST_SUPERUSER_PASSWORD": "correct-horse-battery"}
_CREATE_TABLES = """
from app.core.db import engine
from app.models import SQLModel
SQLModel.metadata.create_all(engine)
"""  # its migrations need the extension uuid-ossp, which the embedded PostgreSQL lacks


async def serve(home: Path, database: str, port: str) -> int:
    """Create the tables and the first account, serve until SIGTERM, and return the exit status."""
    parts = urlsplit(database)
    query = parse_qs(parts.query)
    forwarder = await _forward(f"{query['host'][0]}/.s.PGSQL.{query['port'][0]}")
    environment = {
        **os.environ,
        **_ACCOUNT,
        "PROJECT_NAME": "Template",
        "SECRET_KEY": "only-for-tests-only-for-tests-only",
        "POSTGRES_SERVER": "127.0.0.1",
        "POSTGRES_PORT": str(forwarder.sockets[0].getsockname()[1]),
        "POSTGRES_USER": unquote(parts.username or ""),
        "POSTGRES_PASSWORD": unquote(parts.password or ""),
        "POSTGRES_DB": parts.path.lstrip("/"),
        "PYTHONPATH": ".",
    }
    backend, python = home / "source" / "backend", home / "bin" / "python"
    for command in (["-c", _CREATE_TABLES], ["app/initial_data.py"]):
        process = await asyncio.create_subprocess_exec(python, *command, cwd=backend, env=environment)
        if status := await process.wait():
            return status
    command = ["-m", "uvicorn", "app.main:app", "--host", "127.0.0.1", "--port", port]
    server = await asyncio.create_subprocess_exec(python, *command, cwd=backend, env=environment)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.terminate)
    return await server.wait()


async def _forward(socket: str) -> asyncio.Server:
    """Listen on the loopback, because the template cannot connect to a Unix socket."""

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        other_reader, other_writer = await asyncio.open_unix_connection(socket)
        await asyncio.gather(_copy(reader, other_writer), _copy(other_reader, writer))

    return await asyncio.start_server(connect, "127.0.0.1", 0)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


def main(home: Path, data: Path, port: str) -> int:
    """Serve, and stop PostgreSQL afterwards."""
    with EmbeddedPostgres(data / "postgres") as postgres:
        return asyncio.run(serve(home, postgres.start(), port))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
