"""Bring the embedded PostgreSQL back where it dies while it is in use: nobody else would."""

import threading
from types import TracebackType
from typing import Self

import structlog

from app.embedded_postgres.errors import EmbeddedUnavailable
from app.embedded_postgres.postgres import EmbeddedPostgres

log = structlog.get_logger(__name__)

_LOOK_EVERY = 1.0
"""Seconds between two looks whether it lives: a look is one connection to its socket."""


class Keeper:
    """Looks after a server that was started, on a thread of its own, within a `with` block."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        """server: between its `start` and its `stop`."""
        self._server = server
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._look_after_it, name="keeper of PostgreSQL", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._leaving.set()
        self._thread.join()

    def _look_after_it(self) -> None:
        while not self._leaving.wait(_LOOK_EVERY):
            if self._server.runs():
                continue
            log.error("embedded_postgresql_died", log=str(self._server.data_dir.parent / "postgres.log"))
            try:
                self._server.start_server()
            except EmbeddedUnavailable as error:
                log.error("embedded_postgresql_not_back", why=str(error))  # noqa: TRY400 - the line says it all
            else:
                log.warning("embedded_postgresql_back")
