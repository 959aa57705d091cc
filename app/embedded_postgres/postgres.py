"""The embedded PostgreSQL: one server for all processes that use one state folder."""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Literal, Self

from app.embedded_postgres.cluster import create_data_folder, read_or_write_record, read_record
from app.embedded_postgres.errors import EmbeddedUnavailable, convert_os_errors
from app.embedded_postgres.locks import exclusive_lock, lock_shared, open_lock, try_lock_exclusive
from app.embedded_postgres.programs import Programs
from app.embedded_postgres.server import Server, find_postmaster


class EmbeddedPostgres:
    """One user of a state folder's PostgreSQL. The first user starts the server, and the last one stops it.

    Each user holds a shared lock on `users.lock`, taken and released while holding `start.lock`. If a user is killed,
    the server keeps running and the next user joins it. All methods block: call them before an event loop runs.
    """

    def __init__(self, state_dir: Path, settings: Mapping[str, str] = MappingProxyType({})) -> None:
        """settings: PostgreSQL's settings by name, if this object starts the server."""
        self._state_dir = state_dir.resolve()
        self._settings = settings
        self._users: int | None = None

    def start(self) -> str:
        """Start or join the server, and return the URL of the database. Raises EmbeddedUnavailable."""
        if sys.platform == "win32":
            raise EmbeddedUnavailable("The embedded PostgreSQL does not run on Windows: set DATABASE_URL")
        if self._users is not None:
            return self.start_server()
        with convert_os_errors():
            self._programs = Programs.find()
            self._cluster = read_or_write_record(self._state_dir, self._programs.account)
            self._server = Server(self._cluster, self._programs, self._settings)
            self._users = open_lock(self._cluster.home / "users.lock")
            try:
                return self.start_server()
            except BaseException:
                with suppress(EmbeddedUnavailable):
                    self.stop()
                raise

    def stop(self) -> None:
        """Stop using the server, and stop it if this was the last user. Does nothing before `start` or after `stop`."""
        if self._users is None:
            return
        users, self._users = self._users, None
        try:
            with convert_os_errors(), exclusive_lock(self._start_lock):
                if try_lock_exclusive(users):
                    self._server.stop("fast")
        finally:
            os.close(users)

    def start_server(self) -> str:
        """Restart the server if it was stopped or died, and return the same URL. Call between `start` and `stop`."""
        with convert_os_errors(), exclusive_lock(self._start_lock):
            lock_shared(self._ensure_started())
            create_data_folder(self._cluster, self._programs)
            postmaster = self._server.start()
        return postmaster.url(self._cluster.password)

    def is_running(self) -> bool:
        """Return whether the server accepts connections. Call between `start` and `stop`."""
        return find_postmaster(self.data_dir) is not None

    def stop_server(self, mode: Literal["fast", "immediate"]) -> None:
        """Stop the server although others use it. `immediate` simulates a crash. Call between `start` and `stop`."""
        self._ensure_started()
        with convert_os_errors(), exclusive_lock(self._start_lock):
            self._server.stop(mode)

    def binary(self, name: str) -> Path:
        """Return the path of one of PostgreSQL's programs, such as `pg_basebackup`. Call after `start`."""
        return self._programs.path(name)

    @property
    def data_dir(self) -> Path:
        """PostgreSQL's data folder. The log and the locks are in its parent. Available after `start`."""
        return self._cluster.data

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _start_lock(self) -> Path:
        return self._cluster.home / "start.lock"

    def _ensure_started(self) -> int:
        """Return the descriptor of the users' lock. Raises RuntimeError before `start` and after `stop`."""
        if self._users is None:
            raise RuntimeError("call start() first")
        return self._users


def find_running_url(state_dir: Path) -> str | None:
    """Return the URL of a state folder's database if its server runs, or None. Starts and creates nothing."""
    with convert_os_errors():
        cluster = read_record(state_dir.resolve())
        postmaster = cluster and find_postmaster(cluster.data)
    return postmaster.url(cluster.password) if cluster and postmaster else None


def find_data_dir(state_dir: Path) -> Path | None:
    """Return the data folder that a state folder's record names, or None if there is no record. Creates nothing."""
    with convert_os_errors():
        cluster = read_record(state_dir.resolve())
    return cluster.data if cluster else None
