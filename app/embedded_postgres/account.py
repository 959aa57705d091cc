"""Who runs the server: ourselves, or, since PostgreSQL refuses root, a system user of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from app.embedded_postgres.errors import EmbeddedUnavailable

if sys.platform != "win32":
    import pwd

ROOT_FOLDER = Path("/var/lib/interview-system")
"""Where root's databases live: outside every home, so that no mode of a folder that existed has to be widened."""

_USER = "pgserver"


class Account(NamedTuple):
    """A user and group to run programs as; None: our own."""

    user: int | None = None
    group: int | None = None

    @property
    def uid(self) -> int:
        """The number of the user who will own the data."""
        return os.geteuid() if self.user is None else self.user

    def own(self, path: Path) -> None:
        """Give a file or folder that we made to the account."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)


def server_account() -> Account:
    """The account that the server runs as; as root the system user is made if it is missing."""
    if os.geteuid() != 0:
        return Account()
    try:
        entry = pwd.getpwnam(_USER)
    except KeyError:
        entry = _make_user()
    return Account(entry.pw_uid, entry.pw_gid)


def root_folder(name: str = "") -> Path:
    """The folder of root's databases, or one in it, made if it is missing. Everybody may pass through it."""
    path = ROOT_FOLDER / name
    try:
        for folder in (ROOT_FOLDER, path):
            _make_open(folder)
    except OSError as error:
        raise EmbeddedUnavailable(
            f"PostgreSQL does not run as root, and {path}, for its data and its own user, cannot be made "
            f"({error.strerror}): run as another user, or set DATABASE_URL"
        ) from error
    return path


def _make_open(path: Path) -> None:
    try:
        path.mkdir()
    except FileExistsError:
        return
    path.chmod(0o755)  # whatever the umask; the mode of one that existed is not ours to change


def _make_user() -> "pwd.struct_passwd":
    command = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if command is None:
        raise EmbeddedUnavailable(
            f"PostgreSQL does not run as root, and there is no useradd to make the user {_USER} with: "
            "run as another user, or set DATABASE_URL"
        )
    arguments = [command, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", _USER]
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        return pwd.getpwnam(_USER)  # also where another process made it first and useradd failed for that
    except KeyError:
        raise EmbeddedUnavailable(
            f"PostgreSQL does not run as root, and the user {_USER} could not be made ({done.stderr.strip()}): "
            "run as another user, or set DATABASE_URL"
        ) from None
