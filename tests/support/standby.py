"""A streaming replica of an embedded PostgreSQL, created by pg_basebackup."""

import shlex
import shutil
import tempfile
from pathlib import Path
from typing import Literal

import asyncpg

from app.embedded_postgres import EmbeddedPostgres
from app.embedded_postgres.server import find_postmaster

_PORT = "5432"


class Standby:
    """Follows the running `primary` until it is stopped or promoted."""

    def __init__(self, primary: EmbeddedPostgres) -> None:
        self._programs, self._password = primary._programs, primary._cluster.password
        self._home = Path(tempfile.mkdtemp(prefix="standby-"))
        self._data = self._home / "data"
        postmaster = find_postmaster(primary._cluster.data)
        assert postmaster is not None
        self._home.chmod(0o755)
        self._socket = self._home / "socket"  # the copied data folder contains the lock of the primary's socket
        for folder in (self._data, self._socket):
            folder.mkdir(mode=0o700)
            self._programs.account.own(folder)
        self._programs.run(
            "pg_basebackup",
            *("--pgdata", str(self._data), "--host", postmaster.socket_dir, "--port", _PORT, "--username", "postgres"),
            *("--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf"),
            environment={"PGPASSWORD": self._password},
        )

    def start(self) -> None:
        """Start it and wait until it accepts connections."""
        options = {"unix_socket_directories": str(self._socket), "port": _PORT, "listen_addresses": "", "fsync": "off"}
        arguments = shlex.join(f"--{name}={value}" for name, value in options.items())
        with (self._home / "log").open("ab") as log:
            start = ("start", "--silent", "--wait", "--options", arguments)
            self._programs.run("pg_ctl", *start, environment=self._environment, log=log)

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop it. `immediate` simulates a crash."""
        if find_postmaster(self._data) is not None:
            self._programs.run("pg_ctl", "stop", "--silent", "--wait", f"--mode={mode}", environment=self._environment)

    def remove(self) -> None:
        """Stop it and remove its files."""
        self.stop("immediate")
        shutil.rmtree(self._home, ignore_errors=True)

    def url(self, database: str) -> str:
        """Return the URL of a database."""
        return f"postgresql://postgres:{self._password}@/{database}?host={self._socket}&port={_PORT}"

    async def pause(self) -> None:
        """Pause the replay."""
        await self._execute("SELECT pg_wal_replay_pause()")

    async def resume(self) -> None:
        """Resume the replay."""
        await self._execute("SELECT pg_wal_replay_resume()")

    async def promote(self) -> None:
        """Promote it to a primary."""
        await self._execute("SELECT pg_promote()")

    @property
    def _environment(self) -> dict[str, str]:
        return {"PGDATA": str(self._data)}

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
