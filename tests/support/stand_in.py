"""A real PostgreSQL that passes for CockroachDB, for tests of what is different there.

CockroachDB itself has no open licence. The stand-in introduces itself as asyncpg expects, which takes it for one too;
it has unique_rowid(); and it refuses, by cutting the connection, what CockroachDB is documented not to know. Everything
else is PostgreSQL's: its SERIALIZABLE, its conflicts, its catalogs.

    python -m tests.support.stand_in URL     before the PostgreSQL of a URL; prints its port, ends with standard input
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

from tests.support.patience import PATIENCE
from tests.support.proxy import Proxy, pump
from tests.support.reaching import lead, lead_no_more

WANTED = "TEST_COCKROACH"

PREPARATION = (
    "CREATE SEQUENCE IF NOT EXISTS rowid",
    "CREATE OR REPLACE FUNCTION unique_rowid() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('rowid') $$",
)
"""Run on an empty database, makes it one that Piccolo's columns for CockroachDB find themselves at home in."""

UNKNOWN = {
    "deferred constraints": r"\bDEFERRABLE\b",
    "array slices": r"\[[^\[\]]*:[^\[\]]*\]",
    "arrays of arrays": r"\bARRAY\[\s*(ARRAY\b|array_agg\b)",
    "a SELECT of nothing": r"\bSELECT\s+FROM\b",
    "transaction ids": r"\bpg_(current_xact_id|xact_status|current_snapshot)\b",
    "PostgreSQL's log and statistics": r"\bpg_(stat_archiver|is_in_recovery|(current|last)_wal_\w+)\b",
    "advisory locks": r"\bpg_(try_)?advisory_\w+",
    "DROP and CREATE of one index in one transaction": r"\bDROP INDEX IF EXISTS\b",
}
"""What CockroachDB does not know, and how it is written."""

_INTRODUCTION = b"crdb_version\0CockroachDB stand-in (PostgreSQL)\0"
_AUTHENTICATED = b"R\0\0\0\x08\0\0\0\0"
_PARSE, _QUERY = b"P", b"Q"


def unknown(statement: str) -> str | None:
    """What of a statement CockroachDB does not know; None where that is nothing."""
    return next((what for what, written in UNKNOWN.items() if re.search(written, statement, re.IGNORECASE)), None)


class StandIn:
    """The stand-in before the server of a URL, in a process of its own. `refused`: where it writes what it refused."""

    def __init__(self, url: str, folder: Path) -> None:
        """url: of any database of the server. folder: for its log."""
        self._url = url
        self.refused = folder / "refused.log"

    def start(self) -> Self:
        """Start it, wait until it listens, and let services reach the server through it."""
        with self.refused.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.stand_in", self._url],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())
        user = urlsplit(self._url).netloc.rpartition("@")[0]
        url = f"cockroachdb://{user}@127.0.0.1:{self._port}/?sslmode=disable"
        lead(self._url, {"DATABASE_URL": url, "TRANSACTION_ATTEMPTS": "20"})  # of many who wait for a row, one gets it
        return self

    def stop(self) -> None:
        """Stop it. Raises AssertionError with what it had to refuse."""
        lead_no_more(self._url)
        self._process.communicate(timeout=PATIENCE)
        refused = self.refused.read_text()
        assert not refused, refused


class _Introducing(Proxy):
    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for message in _messages(reader):
            writer.write(message)
            if message == _AUTHENTICATED:
                writer.write(b"S" + (len(_INTRODUCTION) + 4).to_bytes(4) + _INTRODUCTION)
                break
        await pump(reader, writer)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            size = await reader.readexactly(4)
            writer.write(size + await reader.readexactly(int.from_bytes(size) - 4))
            async for message in _messages(reader):
                if message[:1] in (_PARSE, _QUERY) and (what := unknown(message[5:].decode())):
                    print(f"CockroachDB knows no {what}: {message[5:]!r}", file=sys.stderr, flush=True)  # noqa: T201
                    return
                writer.write(message)


async def _messages(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The messages of PostgreSQL's protocol, from the first that begins with its kind."""
    with suppress(asyncio.IncompleteReadError, OSError):
        while True:
            head = await reader.readexactly(5)
            yield head + await reader.readexactly(int.from_bytes(head[1:]) - 4)


async def _serve(url: str) -> None:
    async with _Introducing(url) as proxy:
        print(proxy.port, flush=True)  # noqa: T201
        await asyncio.to_thread(sys.stdin.read)
        os._exit(0)  # whoever is connected still is nobody to wait for


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
