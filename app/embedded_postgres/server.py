"""One PostgreSQL server on one data folder: start, join, find and stop it."""

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

from app.embedded_postgres.cluster import Cluster
from app.embedded_postgres.errors import EmbeddedUnavailable, find_error_line
from app.embedded_postgres.locks import open_lock, try_lock_exclusive
from app.embedded_postgres.programs import Programs

_CREATE_DATABASE = r"""
SELECT 'CREATE DATABASE interviews' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'interviews') \gexec
"""
_PORT = 5432
_SOCKET = f".s.PGSQL.{_PORT}"
_START_SECONDS = 300  # Recovery after a crash can take minutes.
_STOP_SECONDS = 60
_POLL_SECONDS = 0.05
_LOG_BYTES = 16 * 1024 * 1024
_MAX_SOCKET_FOLDER_LENGTH = 103 - len(f"/{_SOCKET}")  # sun_path: 104 bytes on macOS, 108 on Linux


class Postmaster(NamedTuple):
    """A server that accepts connections on its socket."""

    socket_dir: str
    status: str

    def url(self, password: str) -> str:
        """Return the URL of the database, for asyncpg and libpq."""
        return f"postgresql://postgres:{quote(password)}@/interviews?host={quote(self.socket_dir)}&port={_PORT}"


def find_postmaster(data: Path) -> Postmaster | None:
    """Return the server that runs on a data folder, or None. A `postmaster.pid` of a dead server does not count."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    # The process id may have been reused, and a copied data folder contains the file of the original. So the file
    # counts only if it names this folder and a server listens on its socket.
    if len(lines) < 8 or lines[1] != str(data):
        return None
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(0)
        if probe.connect_ex(f"{lines[4]}/{_SOCKET}") in {ENOENT, ECONNREFUSED}:
            return None
    return Postmaster(lines[4], lines[7].strip())


class Server:
    """The server of one cluster. Callers of `start` and `stop` hold the start lock."""

    def __init__(self, cluster: Cluster, programs: Programs, settings: Mapping[str, str]) -> None:
        self._cluster = cluster
        self._programs = programs
        self._settings = settings
        self._log = cluster.log
        self._environment = {"PGDATA": str(cluster.data)}

    def start(self) -> Postmaster:
        """Join the server if it runs, otherwise start it, and create the service's database if it is missing.

        Raises EmbeddedUnavailable, which names the log.
        """
        deadline = time.monotonic() + _START_SECONDS
        while True:
            postmaster = self._join_or_launch(deadline)
            try:
                self._create_database(postmaster)
            except EmbeddedUnavailable:
                if find_postmaster(self._cluster.data) == postmaster:
                    raise
                continue  # It was stopping when we joined it.
            return postmaster

    def stop(self, mode: Literal["fast", "immediate"]) -> None:
        """Stop the server if it runs, and wait until it has ended."""
        postmaster = find_postmaster(self._cluster.data)
        if postmaster is None:
            return
        arguments = ("stop", "--silent", "--wait", f"--timeout={_STOP_SECONDS}", f"--mode={mode}")
        self._programs.run("pg_ctl", *arguments, environment=self._environment)
        if postmaster.socket_dir != str(self._cluster.data):
            with suppress(OSError):
                Path(postmaster.socket_dir).rmdir()

    def _create_database(self, postmaster: Postmaster) -> None:
        self._programs.run(
            "psql",
            *("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"),
            *(f"--host={postmaster.socket_dir}", f"--port={_PORT}", "--username=postgres", "--dbname=postgres"),
            environment={"PGPASSWORD": self._cluster.password},
            text=_CREATE_DATABASE,
        )

    def _join_or_launch(self, deadline: float) -> Postmaster:
        # The server and its children inherit this lock. If it is free, none of them is alive. If it is held and there
        # is no socket, the server is starting or stopping.
        lock = open_lock(self._cluster.home / "server.lock")
        try:
            while time.monotonic() < deadline:
                postmaster = find_postmaster(self._cluster.data)
                if postmaster is not None and postmaster.status == "ready":
                    return postmaster
                if postmaster is None and try_lock_exclusive(lock):
                    return self._launch(lock)
                time.sleep(_POLL_SECONDS)
        finally:
            os.close(lock)
        raise EmbeddedUnavailable(f"PostgreSQL was not ready within {_START_SECONDS} s; its log is {self._log}")

    def _launch(self, lock: int) -> Postmaster:
        folder = self._socket_dir()
        # Remove the files of a crashed server. PostgreSQL does so only if their process id has not been reused.
        for stale in (self._cluster.data / "postmaster.pid", folder / _SOCKET, folder / f"{_SOCKET}.lock"):
            stale.unlink(missing_ok=True)
        if self._log.exists() and self._log.stat().st_size > _LOG_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))
        fixed = {"listen_addresses": "", "port": str(_PORT), "unix_socket_directories": str(folder)}
        options = [f"--{name}={value}" for name, value in {**self._settings, **fixed}.items()]
        arguments = ("start", "--silent", "--wait", f"--timeout={_START_SECONDS}", "--options", shlex.join(options))
        with open(self._log, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as log:
            begin = log.tell()
            try:
                self._programs.run("pg_ctl", *arguments, environment=self._environment, log=log, pass_fds=(lock,))
            except EmbeddedUnavailable as error:
                raise EmbeddedUnavailable(
                    f"PostgreSQL did not start: {self._find_error(begin)}; its log is {self._log}"
                ) from error
        postmaster = find_postmaster(self._cluster.data)
        if postmaster is None:
            raise EmbeddedUnavailable(f"PostgreSQL ended right after it started; its log is {self._log}")
        return postmaster

    def _find_error(self, begin: int) -> str:
        with self._log.open("rb") as log:
            log.seek(begin)
            return find_error_line(log.read())

    def _socket_dir(self) -> Path:
        """Return the data folder, or a temporary folder if the path is too long for a socket address.

        The path is the same after every restart, so the server's URL stays valid.
        """
        data = self._cluster.data
        if _fits(data):
            return data
        # The password makes the name unpredictable for other users of the machine.
        digest = hashlib.sha256(f"{data} {self._cluster.password}".encode()).hexdigest()
        name = f"interview-system-{digest[:16]}"
        folder = next(path / name for path in (Path(tempfile.gettempdir()), Path("/tmp")) if _fits(path / name))  # noqa: S108
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != self._programs.account.uid or status.st_mode & 0o077:
            raise EmbeddedUnavailable(f"{folder}, for the database's socket, belongs to another user: remove it")
        return folder


def _fits(folder: Path) -> bool:
    # Other characters, such as commas and quotes, would need escaping, which differs between server and clients.
    return (
        len(str(folder)) <= _MAX_SOCKET_FOLDER_LENGTH and re.fullmatch(r"[A-Za-z0-9/._+@=-]+", str(folder)) is not None
    )
