"""A real PgBouncer in transaction mode in front of PostgreSQL. Optional; on Debian: apt-get install pgbouncer.

With TEST_PGBOUNCER in the environment every service of a test run connects through PgBouncer. The tests themselves
connect directly.
"""

import os
import pwd
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.connections import redirect_connections, restore_connections
from tests.support.timeouts import TIMEOUT

VARIABLE = "TEST_PGBOUNCER"
MISSING = "PgBouncer is missing: apt-get install pgbouncer, or name the program in PGBOUNCER"

_CONFIG = """
[databases]
* = {server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {pool_size}
max_client_conn = 1000
server_login_retry = 0.1
query_wait_timeout = 10
log_connections = 0
log_disconnections = 0
"""


def find_program() -> str | None:
    """Return the path of PgBouncer: PGBOUNCER, or the program on the PATH or in /usr/sbin, or None."""
    return os.environ.get("PGBOUNCER") or shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")


class PgBouncer:
    """PgBouncer in front of a server. Each database keeps its name and has a pool of `pool_size` connections."""

    def __init__(self, url: str, folder: Path, *, pool_size: int = 4) -> None:
        """url: the URL of any database of the server. folder: for its files; becomes readable for the server's user."""
        self._url = url
        self._parts = urlsplit(url)
        self._folder = folder
        self._pool_size = pool_size
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folder / "pgbouncer.log"

    def start(self) -> Self:
        """Start it, wait until it listens, and redirect connections. Raises LookupError if it is not installed."""
        command = find_program()
        if command is None:
            raise LookupError(MISSING)
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port = server.getsockname()[1]
        host = self._parts.hostname or parse_qs(self._parts.query)["host"][0]
        file = self._folder / "pgbouncer.ini"
        file.write_text(_CONFIG.format(server=self._server(host), port=self.port, pool_size=self._pool_size))
        for each in (self._folder, *list(self._folder.parents)[:2]):
            each.chmod(each.stat().st_mode | 0o055)
        with self.log.open("wb") as output:
            arguments = [command, *_user_arguments(Path(host)), str(file)]
            self._process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self._wait_until_ready()
        redirect_connections(
            self._url, {"DATABASE_URL": f"postgresql://postgres@127.0.0.1:{self.port}", "STATEMENT_CACHE": "false"}
        )
        return self

    def stop(self) -> None:
        """Stop it."""
        restore_connections(self._url)
        if self._process is not None:
            self._process.terminate()
            self._process.wait(TIMEOUT)

    def _server(self, host: str) -> str:
        password = f" password={unquote(self._parts.password)}" if self._parts.password else ""
        user = unquote(self._parts.username or "postgres")
        return f"host={host} port={self._parts.port or 5432} user={user}{password}"

    def _wait_until_ready(self) -> None:
        ends_at = time.monotonic() + TIMEOUT
        while time.monotonic() < ends_at and self._process is not None and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(self.log.read_text())


def _user_arguments(host: Path) -> list[str]:
    """Return the option that runs it as the owner of the server's socket, because it does not run as root."""
    if os.geteuid() != 0:
        return []
    owner = pwd.getpwuid(host.stat().st_uid).pw_name if host.exists() else "nobody"
    return ["-u", owner]
