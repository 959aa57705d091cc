"""The database cluster of a state folder: its record (location and password) and its creation."""

import json
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.embedded_postgres.account import ROOT_FOLDER, ServerAccount, make_root_folder
from app.embedded_postgres.errors import EmbeddedUnavailable
from app.embedded_postgres.locks import exclusive_lock
from app.embedded_postgres.programs import Programs

_FOLDER, _FILE = "postgres", "cluster.json"
_OWNER = "state-folder"
"""File in a home outside the state folder: the path of the state folder whose record names the home."""

# The builtin locale sorts and folds case the same way on every system, independent of the C library.
_INITDB_OPTIONS = (
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


@dataclass(frozen=True)
class Cluster:
    """home: the folder of the data, log and locks. password: of the role postgres."""

    home: Path
    password: str

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """The server's log. It exists once the server has started."""
        return self.home / "postgres.log"


def read_record(state_dir: Path) -> Cluster | None:
    """Return the recorded cluster of a state folder, or None. Raises EmbeddedUnavailable if the record is damaged."""
    path = state_dir / _FOLDER / _FILE
    try:
        stored = json.loads(path.read_text())
        return Cluster((path.parent / stored["home"]).resolve(), stored["password"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise EmbeddedUnavailable(f"{path}, which holds the database's password, is damaged: restore it") from error


def read_or_write_record(state_dir: Path, account: ServerAccount) -> Cluster:
    """Return the recorded cluster of a state folder. The first call chooses and records it and creates its home.

    Raises EmbeddedUnavailable if only one of record and database exists, or if the database belongs to another state
    folder. Starting with an empty database, or with another one, would look like data loss.
    """
    folder = state_dir / _FOLDER
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    is_new = not folder.exists()
    folder.mkdir(mode=0o700, exist_ok=True)
    with exclusive_lock(folder / "record.lock"):
        cluster = read_record(state_dir)
        if cluster is None:
            if not is_new:
                _ensure_no_database(folder)
            cluster = _write_record(folder, account)
        elif cluster.home.is_dir() and cluster.home != folder:
            _ensure_owner(cluster, state_dir)
    if not cluster.home.is_dir() or (not cluster.data.exists() and cluster.log.exists()):
        missing = cluster.data if cluster.home.is_dir() else cluster.home
        raise EmbeddedUnavailable(
            f"The database {missing} is missing: restore it, or remove {folder} to start with an empty database"
        )
    if cluster.data.exists() and cluster.data.stat().st_uid != account.uid:
        raise EmbeddedUnavailable(
            f"{cluster.data} belongs to another user (uid {cluster.data.stat().st_uid}): run as that user"
        )
    return cluster


def create_data_folder(cluster: Cluster, programs: Programs) -> None:
    """Run initdb for a cluster unless its data folder exists. The caller holds the start lock."""
    if cluster.data.exists():
        return
    # A data folder is created under a temporary name and renamed when complete, so one that exists is complete even
    # after a crash. Each attempt has its own name because an initdb whose caller was killed keeps running for a while.
    temporary = Path(tempfile.mkdtemp(prefix="data.", dir=cluster.home))
    programs.account.own(temporary)
    # --pwfile cannot be standard input: the server's user cannot open a pipe created by root.
    with tempfile.NamedTemporaryFile("w", dir=cluster.home) as password:
        password.write(cluster.password)
        password.flush()
        programs.account.own(Path(password.name))
        programs.run("initdb", "--pgdata", temporary, *_INITDB_OPTIONS, "--pwfile", password.name)
    temporary.rename(cluster.data)
    _sync(cluster.home)
    for abandoned in cluster.home.glob("data.*"):
        shutil.rmtree(abandoned, ignore_errors=True)


def _ensure_no_database(folder: Path) -> None:
    """Raise EmbeddedUnavailable if a database of the state folder exists, although its record does not."""
    homes = [folder, *(home for home in ROOT_FOLDER.glob("*") if _read_owner(home) == folder.parent)]
    data = next((home / "data" for home in homes if (home / "data").exists()), None)
    if data is not None:
        raise EmbeddedUnavailable(
            f"{folder / _FILE}, which holds the password of the database {data}, is missing: restore it, or remove "
            f"{folder} to start with an empty database"
        )


def _ensure_owner(cluster: Cluster, state_dir: Path) -> None:
    """Raise EmbeddedUnavailable if the database belongs to another state folder, of which this one is a copy.

    If the other folder no longer names the database, this one is that folder under its new path, and owns it.
    """
    owner = _read_owner(cluster.home)
    if owner == state_dir:
        return
    if owner is not None and _names(owner, cluster.home):
        raise EmbeddedUnavailable(
            f"{state_dir} is a copy of {owner}, which owns the database {cluster.home}: use a backup to copy the data, "
            f"or remove {state_dir / _FOLDER} to start with an empty database"
        )
    (cluster.home / _OWNER).write_text(f"{state_dir}\n")


def _read_owner(home: Path) -> Path | None:
    try:
        return Path((home / _OWNER).read_text().removesuffix("\n"))
    except OSError:
        return None


def _names(state_dir: Path, home: Path) -> bool:
    """Return whether the record of a state folder names the database in `home`."""
    try:
        record = read_record(state_dir)
    except (EmbeddedUnavailable, OSError):
        return False
    return record is not None and record.home == home


def _write_record(folder: Path, account: ServerAccount) -> Cluster:
    home = folder if account.user is None else _make_root_home(folder)
    # A home below the state folder is stored relative to it, so that the state folder can be moved.
    stored = {"home": "." if home == folder else str(home), "password": secrets.token_urlsafe(32)}
    temporary = folder / f"{_FILE}.new"
    temporary.unlink(missing_ok=True)
    with open(temporary, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        json.dump(stored, file)
    _sync(temporary)
    temporary.rename(folder / _FILE)
    _sync(folder)
    return Cluster(home, stored["password"])


def _make_root_home(folder: Path) -> Path:
    """Create a folder with a random name. A state folder that is deleted and created again gets an empty database."""
    home = make_root_folder(secrets.token_hex(8))
    (home / _OWNER).write_text(f"{folder.parent}\n")
    return home


def _sync(path: Path) -> None:
    """Flush a file's content, or a folder's entries, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
