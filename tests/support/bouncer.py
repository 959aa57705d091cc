"""A real PgBouncer in transaction mode before a PostgreSQL, for tests. It is Debian's package, and optional.

With TEST_PGBOUNCER in the environment every service of a run reaches its database through one; the tests themselves
look at the database directly.
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

from tests.support.patience import PATIENCE
from tests.support.reaching import lead, lead_no_more

WANTED = "TEST_PGBOUNCER"
MISSING = "PgBouncer is missing: apt-get install pgbouncer, or name the program in PGBOUNCER"

_CONFIGURATION = """
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


def program() -> str | None:
    """The program: PGBOUNCER, or one on the PATH or where Debian puts it; None where there is none."""
    return os.environ.get("PGBOUNCER") or shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")


class Bouncer:
    """PgBouncer before the server of a URL: every database of it, by the same name, on `pool_size` connections each."""

    def __init__(self, url: str, folder: Path, *, pool_size: int = 4) -> None:
        """url: of any database of the server. folder: for its files; it is made readable for the server's user."""
        self._url = url
        self._parts = urlsplit(url)
        self._folder = folder
        self._pool_size = pool_size
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folder / "pgbouncer.log"

    def start(self) -> Self:
        """Start it, wait until it listens, and let `reached` know. Raises LookupError where there is no PgBouncer."""
        command = program()
        if command is None:
            raise LookupError(MISSING)
        with socket.create_server(("127.0.0.1", 0)) as server:
            self._port = server.getsockname()[1]
        host = self._parts.hostname or parse_qs(self._parts.query)["host"][0]
        file = self._folder / "pgbouncer.ini"
        file.write_text(_CONFIGURATION.format(server=self._server(host), port=self._port, pool_size=self._pool_size))
        for each in (self._folder, *list(self._folder.parents)[:2]):
            each.chmod(each.stat().st_mode | 0o055)
        with self.log.open("wb") as output:
            arguments = [command, *_account(Path(host)), str(file)]
            self._process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self._wait()
        lead(self._url, {"DATABASE_URL": f"postgresql://postgres@127.0.0.1:{self._port}", "STATEMENT_CACHE": "false"})
        return self

    def stop(self) -> None:
        """Stop it."""
        lead_no_more(self._url)
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)

    def _server(self, host: str) -> str:
        password = f" password={unquote(self._parts.password)}" if self._parts.password else ""
        user = unquote(self._parts.username or "postgres")
        return f"host={host} port={self._parts.port or 5432} user={user}{password}"

    def _wait(self) -> None:
        ends_at = time.monotonic() + PATIENCE
        while time.monotonic() < ends_at and self._process is not None and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(self.log.read_text())


def _account(host: Path) -> list[str]:
    """It refuses to run as root: then it runs as whoever owns the server's socket, who alone may open it."""
    if os.geteuid() != 0:
        return []
    owner = pwd.getpwuid(host.stat().st_uid).pw_name if host.exists() else "nobody"
    return ["-u", owner]
