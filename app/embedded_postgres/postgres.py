"""The PostgreSQL that the service brings along: one server for all processes on one state folder."""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Literal, Self

from app.embedded_postgres.cluster import make_cluster
from app.embedded_postgres.errors import EmbeddedUnavailable, in_one_line
from app.embedded_postgres.locks import locked, opened, share, try_alone
from app.embedded_postgres.programs import Programs
from app.embedded_postgres.record import read_or_make_record, read_record
from app.embedded_postgres.server import Server, find_postmaster


class EmbeddedPostgres:
    """One user of the state folder's PostgreSQL: the first to start starts the server, the last to stop stops it.

    Each user holds a share of `users.lock`, taken and given back under `start.lock`. A user that is killed leaves the
    server to the next one, who joins it. Everything here blocks, and is meant for the time before an event loop.
    """

    def __init__(self, state_dir: Path, settings: Mapping[str, str] = MappingProxyType({})) -> None:
        """settings: PostgreSQL's own, by name, for a server that this object starts (not for one that it joins)."""
        self._state_dir = state_dir.resolve()
        self._settings = settings
        self._users: int | None = None

    def start(self) -> str:
        """The database's URL, once the server is up. Raises EmbeddedUnavailable."""
        if sys.platform == "win32":
            raise EmbeddedUnavailable("The embedded PostgreSQL does not run on Windows: set DATABASE_URL")
        if self._users is not None:
            return self.start_server()
        with in_one_line():
            self._programs = Programs.find()
            self._record = read_or_make_record(self._state_dir, self._programs.account)
            self._server = Server(self._record, self._programs, self._settings)
            self._users = opened(self._record.home / "users.lock")
            try:
                return self.start_server()
            except BaseException:
                with suppress(EmbeddedUnavailable):
                    self.stop()
                raise

    def stop(self) -> None:
        """Leave, and stop the server if nobody else uses it. Safe to call twice, and before `start`."""
        if self._users is None:
            return
        users, self._users = self._users, None
        try:
            with in_one_line(), locked(self._start_lock):
                if try_alone(users):
                    self._server.stop("fast")
        finally:
            os.close(users)

    def start_server(self) -> str:
        """The same URL again, the server brought back if it was stopped or died. Only between `start` and `stop`."""
        with in_one_line(), locked(self._start_lock):
            share(self._joined())
            make_cluster(self._record, self._programs)
            postmaster = self._server.start()
        return postmaster.url(self._record.password)

    def runs(self) -> bool:
        """Whether the server answers. Only between `start` and `stop`."""
        return find_postmaster(self.data_dir) is not None

    def stop_server(self, mode: Literal["fast", "immediate"]) -> None:
        """Stop the server under everyone who uses it; `immediate` is a crash. Only between `start` and `stop`."""
        self._joined()
        with in_one_line(), locked(self._start_lock):
            self._server.stop(mode)

    def binary(self, name: str) -> Path:
        """The file of one of PostgreSQL's programs, such as `pg_basebackup`. Only after `start`."""
        return self._programs.path(name)

    @property
    def data_dir(self) -> Path:
        """PostgreSQL's data folder; log and locks lie beside it. Only after `start`."""
        return self._record.data

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _start_lock(self) -> Path:
        return self._record.home / "start.lock"

    def _joined(self) -> int:
        if self._users is None:
            raise RuntimeError("start() comes first")
        return self._users


def running_url(state_dir: Path) -> str | None:
    """The URL of the state folder's database if its server runs now, without starting or making anything."""
    with in_one_line():
        record = read_record(state_dir.resolve())
        postmaster = record and find_postmaster(record.data)
    return postmaster.url(record.password) if record and postmaster else None
