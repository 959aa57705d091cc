"""What a state folder remembers of its database: where it lives, and its password."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from app.embedded_postgres.account import Account, root_folder
from app.embedded_postgres.errors import EmbeddedUnavailable
from app.embedded_postgres.locks import locked

_FOLDER, _FILE = "postgres", "cluster.json"


@dataclass(frozen=True)
class Record:
    """home: the folder that holds the database's data, log and locks; password: of the role postgres."""

    home: Path
    password: str

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "data"


def read_record(state_dir: Path) -> Record | None:
    """What the state folder remembers, or None. Raises EmbeddedUnavailable where it cannot be read."""
    path = state_dir / _FOLDER / _FILE
    try:
        stored = json.loads(path.read_text())
        return Record((path.parent / stored["home"]).resolve(), stored["password"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise EmbeddedUnavailable(f"{path}, which holds the database's password, is damaged: restore it") from error


def read_or_make_record(state_dir: Path, account: Account) -> Record:
    """What the state folder remembers, decided and written down the first time; `home` exists afterwards.

    A database that the record names but that is gone, or one whose record is gone, is an EmbeddedUnavailable: to go
    on with an empty one would look like data loss.
    """
    folder = state_dir / _FOLDER
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    with locked(folder / "record.lock"):
        record = read_record(state_dir) or _make_record(folder, account)
    if not record.home.is_dir():
        raise EmbeddedUnavailable(f"The database {record.home} is gone: restore it, or remove {folder} to begin anew")
    if record.data.exists() and record.data.stat().st_uid != account.uid:
        raise EmbeddedUnavailable(
            f"{record.data} belongs to another user (uid {record.data.stat().st_uid}): run as the user who made it"
        )
    return record


def sync(path: Path) -> None:
    """Have the disk keep a file's content, or a folder's names, from here on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_record(folder: Path, account: Account) -> Record:
    home = folder if account.user is None else _make_root_home(folder)
    if (home / "data").exists():
        raise EmbeddedUnavailable(f"{folder / _FILE}, which holds the database's password, is missing: restore it")
    # A home below the state folder is stored relative to it, so that the folder can be moved.
    stored = {"home": "." if home == folder else str(home), "password": secrets.token_urlsafe(32)}
    fresh = folder / f"{_FILE}.new"
    fresh.unlink(missing_ok=True)
    with open(fresh, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        json.dump(stored, file)
    sync(fresh)
    fresh.rename(folder / _FILE)
    sync(folder)
    return Record(home, stored["password"])


def _make_root_home(folder: Path) -> Path:
    """A new folder of a random name: a state folder that was deleted and made again gets a new, empty database."""
    home = root_folder(secrets.token_hex(8))
    (home / "state-folder").write_text(f"{folder.parent}\n")  # for whoever cleans up after a deleted state folder
    return home
