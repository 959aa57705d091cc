"""A real PostgreSQL that acts as CockroachDB, because CockroachDB has no open-source licence.

The fake announces itself as CockroachDB, so that asyncpg treats it as one. It has unique_rowid(), and it closes the
connection on statements that CockroachDB is documented not to support. Isolation, conflicts and catalogs are those of
PostgreSQL.

    python -m tests.support.fake_cockroach URL     runs in front of a PostgreSQL; prints its port, ends with its input
"""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from tests.support.connections import redirect_connections, restore_connections
from tests.support.proxy import Proxy, pump
from tests.support.timeouts import TIMEOUT

VARIABLE = "TEST_COCKROACH"

SETUP_STATEMENTS = (
    "CREATE SEQUENCE IF NOT EXISTS rowid",
    "CREATE OR REPLACE FUNCTION unique_rowid() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('rowid') $$",
)
"""Prepares an empty database for Piccolo's columns for CockroachDB."""

UNSUPPORTED = {
    "deferred constraints": r"\bDEFERRABLE\b",
    "array slices": r"\[[^\[\]]*:[^\[\]]*\]",
    "arrays of arrays": r"\bARRAY\[\s*(ARRAY\b|array_agg\b)",
    "a SELECT of nothing": r"\bSELECT\s+FROM\b",
    "transaction ids": r"\bpg_(current_xact_id|xact_status|current_snapshot)\b",
    "PostgreSQL's log and statistics": r"\bpg_(stat_archiver|is_in_recovery|(current|last)_wal_\w+)\b",
    "advisory locks": r"\bpg_(try_)?advisory_\w+",
    "DROP and CREATE of one index in one transaction": r"\bDROP INDEX IF EXISTS\b",
}
"""The features that CockroachDB does not support, each with a pattern that finds it in a statement."""

_VERSION_PARAMETER = b"crdb_version\0CockroachDB stand-in (PostgreSQL)\0"
_AUTHENTICATED = b"R\0\0\0\x08\0\0\0\0"
_PARSE, _QUERY = b"P", b"Q"


def find_unsupported(statement: str) -> str | None:
    """Return the feature of a statement that CockroachDB does not support, or None."""
    return next((name for name, pattern in UNSUPPORTED.items() if re.search(pattern, statement, re.IGNORECASE)), None)


class FakeCockroach:
    """The fake in front of a server, in its own process. It writes rejected statements to the file `rejected`."""

    def __init__(self, url: str, folder: Path) -> None:
        """url: the URL of any database of the server. folder: for its log."""
        self._url = url
        self.rejected = folder / "rejected.log"

    def start(self) -> Self:
        """Start it, wait until it listens, and redirect connections to it."""
        with self.rejected.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.fake_cockroach", self._url],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())
        user = urlsplit(self._url).netloc.rpartition("@")[0]
        url = f"cockroachdb://{user}@127.0.0.1:{self._port}/?sslmode=disable"
        redirect_connections(
            self._url, {"DATABASE_URL": url, "TRANSACTION_ATTEMPTS": "20"}
        )  # of concurrent transactions on one row, one commits at a time
        return self

    def stop(self) -> None:
        """Stop it. Raises AssertionError with the statements that it rejected."""
        restore_connections(self._url)
        self._process.communicate(timeout=TIMEOUT)
        rejected = self.rejected.read_text()
        assert not rejected, rejected


class _CockroachProxy(Proxy):
    async def _forward_responses(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for message in _read_messages(reader):
            writer.write(message)
            if message == _AUTHENTICATED:
                writer.write(b"S" + (len(_VERSION_PARAMETER) + 4).to_bytes(4) + _VERSION_PARAMETER)
                break
        await pump(reader, writer)

    async def _forward_requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            size = await reader.readexactly(4)
            writer.write(size + await reader.readexactly(int.from_bytes(size) - 4))
            async for message in _read_messages(reader):
                if message[:1] in (_PARSE, _QUERY) and (feature := find_unsupported(message[5:].decode())):
                    print(f"CockroachDB does not support {feature}: {message[5:]!r}", file=sys.stderr, flush=True)  # noqa: T201
                    return
                writer.write(message)


async def _read_messages(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Yield the messages of PostgreSQL's protocol, each with its type byte."""
    with suppress(asyncio.IncompleteReadError, OSError):
        while True:
            head = await reader.readexactly(5)
            yield head + await reader.readexactly(int.from_bytes(head[1:]) - 4)


async def _serve(url: str) -> None:
    async with _CockroachProxy(url) as proxy:
        print(proxy.port, flush=True)  # noqa: T201
        await asyncio.to_thread(sys.stdin.read)
        os._exit(0)  # without waiting for open connections


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
