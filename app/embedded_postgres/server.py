"""One PostgreSQL server process on one data folder: started, joined, asked, stopped."""

import hashlib
import os
import re
import shlex
import socket
import stat
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from errno import ECONNREFUSED, ENOENT
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import quote

from app.embedded_postgres.errors import EmbeddedUnavailable
from app.embedded_postgres.locks import opened, try_alone
from app.embedded_postgres.programs import Programs, complaint
from app.embedded_postgres.record import Record

_CREATE_DATABASE = r"""
SELECT 'CREATE DATABASE interviews' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'interviews') \gexec
"""
_PORT = 5432
_SOCKET = f".s.PGSQL.{_PORT}"
_START_SECONDS = 300  # replaying what was written before a crash takes as long as it takes
_STOP_SECONDS = 60
_POLL_SECONDS = 0.05
_LOG_BYTES = 16 * 1024 * 1024
_LONGEST_SOCKET_FOLDER = 103 - len(f"/{_SOCKET}")  # sun_path: 104 bytes on macOS, 108 on Linux


class Postmaster(NamedTuple):
    """A server that answers on its socket."""

    socket_dir: str
    status: str

    def url(self, password: str) -> str:
        """Where asyncpg and libpq find the database."""
        return f"postgresql://postgres:{quote(password)}@/interviews?host={quote(self.socket_dir)}&port={_PORT}"


def find_postmaster(data: Path) -> Postmaster | None:
    """The server that runs on a data folder, or None. A file that a dead server left says nothing."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    # Its process number may be anybody's by now, and a copied data folder brings the file of the original along: it
    # counts if it names this folder and something listens.
    if len(lines) < 8 or lines[1] != str(data):
        return None
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(0)
        if probe.connect_ex(f"{lines[4]}/{_SOCKET}") in {ENOENT, ECONNREFUSED}:
            return None
    return Postmaster(lines[4], lines[7].strip())


class Server:
    """The server of one record. Whoever starts or stops it holds the start lock."""

    def __init__(self, record: Record, programs: Programs, settings: Mapping[str, str]) -> None:
        self._record = record
        self._programs = programs
        self._settings = settings
        self._log = record.home / "postgres.log"
        self._environment = {"PGDATA": str(record.data)}

    def start(self) -> Postmaster:
        """The server, ready and with the service's database: joined if it runs, else started.

        Raises EmbeddedUnavailable, naming the log.
        """
        deadline = time.monotonic() + _START_SECONDS
        while True:
            postmaster = self._join_or_launch(deadline)
            try:
                self._create_database(postmaster)
            except EmbeddedUnavailable:
                if find_postmaster(self._record.data) == postmaster:
                    raise
                continue  # it was dying when we joined it
            return postmaster

    def stop(self, mode: Literal["fast", "immediate"]) -> None:
        """Stop the server if it runs, and wait for its end."""
        found = find_postmaster(self._record.data)
        if found is None:
            return
        arguments = ("stop", "--silent", "--wait", f"--timeout={_STOP_SECONDS}", f"--mode={mode}")
        self._programs.run("pg_ctl", *arguments, environment=self._environment)
        if found.socket_dir != str(self._record.data):
            with suppress(OSError):
                Path(found.socket_dir).rmdir()

    def _create_database(self, postmaster: Postmaster) -> None:
        self._programs.run(
            "psql",
            *("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"),
            *(f"--host={postmaster.socket_dir}", f"--port={_PORT}", "--username=postgres", "--dbname=postgres"),
            environment={"PGPASSWORD": self._record.password},
            text=_CREATE_DATABASE,
        )

    def _join_or_launch(self, deadline: float) -> Postmaster:
        # The server and each of its children keep this lock open, so that what is starting or dying, and has no
        # socket, is told apart from what a crash left: having the lock means that none of them lives.
        lock = opened(self._record.home / "server.lock")
        try:
            while time.monotonic() < deadline:
                found = find_postmaster(self._record.data)
                if found is not None and found.status == "ready":
                    return found
                if found is None and try_alone(lock):
                    return self._launch(lock)
                time.sleep(_POLL_SECONDS)
        finally:
            os.close(lock)
        raise EmbeddedUnavailable(f"PostgreSQL was not ready within {_START_SECONDS} s; its log is {self._log}")

    def _launch(self, lock: int) -> Postmaster:
        folder = self._socket_dir()
        # What a crash left behind. PostgreSQL clears it away by itself only if no process has the number in it by now.
        for stale in (self._record.data / "postmaster.pid", folder / _SOCKET, folder / f"{_SOCKET}.lock"):
            stale.unlink(missing_ok=True)
        if self._log.exists() and self._log.stat().st_size > _LOG_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))
        fixed = {"listen_addresses": "", "port": str(_PORT), "unix_socket_directories": str(folder)}
        options = [f"--{name}={value}" for name, value in {**self._settings, **fixed}.items()]
        arguments = ("start", "--silent", "--wait", f"--timeout={_START_SECONDS}", "--options", shlex.join(options))
        with open(self._log, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as log:
            begin = log.tell()
            try:
                self._programs.run("pg_ctl", *arguments, environment=self._environment, log=log, hand_down=(lock,))
            except EmbeddedUnavailable as error:
                raise EmbeddedUnavailable(
                    f"PostgreSQL did not start: {self._complaint(begin)}; its log is {self._log}"
                ) from error
        found = find_postmaster(self._record.data)
        if found is None:
            raise EmbeddedUnavailable(f"PostgreSQL ended right after its start; its log is {self._log}")
        return found

    def _complaint(self, begin: int) -> str:
        with self._log.open("rb") as log:
            log.seek(begin)
            return complaint(log.read())

    def _socket_dir(self) -> Path:
        """The data folder, or, where its name does not fit a socket's address, one in the system's temporary folder.

        It is the same one after every restart, so that whoever has the server's URL finds the server again.
        """
        data = self._record.data
        if _fits(data):
            return data
        # The password makes the name one that nobody else on the machine can foresee and take.
        digest = hashlib.sha256(f"{data} {self._record.password}".encode()).hexdigest()
        name = f"interview-system-{digest[:16]}"
        folder = next(path / name for path in (Path(tempfile.gettempdir()), Path("/tmp")) if _fits(path / name))  # noqa: S108
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != self._programs.account.uid or found.st_mode & 0o077:
            raise EmbeddedUnavailable(f"{folder}, for the database's socket, was made by somebody else: remove it")
        return folder


def _fits(folder: Path) -> bool:
    # A comma or quote would also need escaping, differently for the server and for each client.
    return len(str(folder)) <= _LONGEST_SOCKET_FOLDER and re.fullmatch(r"[A-Za-z0-9/._+@=-]+", str(folder)) is not None
