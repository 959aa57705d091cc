"""Restart the embedded PostgreSQL if it dies while the service uses it."""

import threading
from types import TracebackType
from typing import Self

import structlog

from app.embedded_postgres.errors import EmbeddedUnavailable
from app.embedded_postgres.postgres import EmbeddedPostgres

log = structlog.get_logger(__name__)

_CHECK_INTERVAL = 1.0
"""Seconds between two checks. A check is one connection to the server's socket."""


class Watchdog:
    """A context manager that checks a started server on its own thread and restarts it if it has died."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        """server: started before the block and stopped after it."""
        self._server = server
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="PostgreSQL watchdog", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.wait(_CHECK_INTERVAL):
            if self._server.is_running():
                continue
            log.error("embedded_postgresql_died", log=str(self._server.data_dir.parent / "postgres.log"))
            try:
                self._server.start_server()
            except EmbeddedUnavailable as error:
                log.error("embedded_postgresql_restart_failed", reason=str(error))  # noqa: TRY400 - no traceback needed
            else:
                log.warning("embedded_postgresql_restarted")
