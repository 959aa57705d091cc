"""A new, empty database cluster."""

import shutil
import tempfile
from pathlib import Path

from app.embedded_postgres.programs import Programs
from app.embedded_postgres.record import Record, sync


def make_cluster(record: Record, programs: Programs) -> None:
    """Make the cluster that a record names, unless it exists. Whoever calls holds the start lock."""
    if record.data.exists():
        return
    # Built under another name and renamed when whole: being there means being complete, also after a crash. Each
    # attempt has a name of its own, since an initdb whose caller was killed goes on for a while.
    fresh = Path(tempfile.mkdtemp(prefix="data.", dir=record.home))
    programs.account.own(fresh)
    # --pwfile cannot be standard input: a pipe made by root is not for the server's user to open.
    with tempfile.NamedTemporaryFile("w", dir=record.home) as password:
        password.write(record.password)
        password.flush()
        programs.account.own(Path(password.name))
        programs.run("initdb", "--pgdata", fresh, *_OPTIONS, "--pwfile", password.name)
    fresh.rename(record.data)
    sync(record.home)
    for abandoned in record.home.glob("data.*"):
        shutil.rmtree(abandoned, ignore_errors=True)


# The builtin locale sorts and folds the same on every system, whatever its C library.
_OPTIONS = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-instructions",
    "--set=max_connections=200",
    "--set=listen_addresses=",
)
