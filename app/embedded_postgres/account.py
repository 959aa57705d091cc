"""The system account of the server: our own, or a system user if we are root, because PostgreSQL refuses root."""

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
"""Parent of root's databases. It is outside every home, so no existing folder must be made accessible to others."""

_USER = "pgserver"


class ServerAccount(NamedTuple):
    """The user and group that run PostgreSQL's programs. None means our own."""

    user: int | None = None
    group: int | None = None

    @property
    def uid(self) -> int:
        """The id of the user who owns the data."""
        return os.geteuid() if self.user is None else self.user

    def own(self, path: Path) -> None:
        """Make the account the owner of a file or folder that we created."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)


def find_server_account() -> ServerAccount:
    """Return the account that runs the server. If we are root, create the system user if it is missing."""
    if os.geteuid() != 0:
        return ServerAccount()
    try:
        entry = pwd.getpwnam(_USER)
    except KeyError:
        entry = _add_user()
    return ServerAccount(entry.pw_uid, entry.pw_gid)


def make_root_folder(name: str = "") -> Path:
    """Return the parent of root's databases, or a folder in it. A missing folder is created, readable by all users."""
    path = ROOT_FOLDER / name
    try:
        for folder in (ROOT_FOLDER, path):
            _make_readable_folder(folder)
    except OSError as error:
        raise EmbeddedUnavailable(
            f"PostgreSQL does not run as root, and the folder {path} for its own user cannot be created "
            f"({error.strerror}): run as another user, or set DATABASE_URL"
        ) from error
    return path


def _make_readable_folder(path: Path) -> None:
    try:
        path.mkdir()
    except FileExistsError:
        return
    path.chmod(0o755)  # Independent of the umask. The mode of an existing folder stays unchanged.


def _add_user() -> "pwd.struct_passwd":
    command = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if command is None:
        raise EmbeddedUnavailable(
            f"PostgreSQL does not run as root, and useradd, which creates the user {_USER}, is not installed: "
            "run as another user, or set DATABASE_URL"
        )
    arguments = [command, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", _USER]
    result = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        return pwd.getpwnam(_USER)  # This also succeeds if another process created the user and useradd failed.
    except KeyError:
        raise EmbeddedUnavailable(
            f"PostgreSQL does not run as root, and the user {_USER} could not be created ({result.stderr.strip()}): "
            "run as another user, or set DATABASE_URL"
        ) from None
