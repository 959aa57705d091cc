"""`python -m app backup` and `restore`: the database and the signing keys in one file."""

import asyncio
import io
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

import click

from app.cli.environment import (
    database_url,
    describe_database,
    exit_on_signals,
    migrate_database,
    read_settings,
)
from app.cli.postgres_programs import run_program
from app.database.connections import open_connection
from app.settings import Settings

_MANIFEST, _DUMP = "manifest.json", "database.dump"
_KEY = re.compile(r"keys/(\d+\.pem)")


class _NotABackup(click.ClickException):
    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file} is not a backup of this service: {reason}")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the database and the signing keys to FILE, while the service runs or not.

    FILE is a tar archive that only you can read. It replaces an older FILE when it is complete. Keep it secret: with a
    key, anybody can sign tokens.

    \b
    Examples:
      python -m app backup interviews.backup
      DATABASE_URL=postgresql://… python -m app backup "interviews-$(date +%F).backup"
    """
    settings = read_settings()
    keys = [] if settings.jwt_jwks_url else sorted(settings.key_dir.glob("*.pem"))
    with exit_on_signals(status=2), _draft_beside(file) as folder, database_url(settings) as url:
        server = asyncio.run(_server_version(url))
        dump = folder / _DUMP
        run_program(
            "pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}", server_version=server
        )
        draft = folder / "archive"
        _write_archive(draft, dump, keys, server)
        draft.replace(file)
    click.echo(f"Backed up {describe_database(settings)} to {file}")
    click.echo(
        f"Keys: {len(keys)} of {settings.key_dir}" if keys else "Keys: none, because this service has no own keys"
    )


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace the interviews, accounts and keys that exist.")
def restore(file: Path, *, replace: bool) -> None:
    """Restore the database and the signing keys from FILE, and apply newer migrations.

    The database is restored completely or not at all. Stop the service first if you use --replace.

    \b
    Examples:
      STATE_DIR=restored python -m app restore interviews.backup
      DATABASE_URL=postgresql://… python -m app restore interviews.backup
    """
    settings = read_settings()
    with exit_on_signals(status=2), tempfile.TemporaryDirectory(prefix="restore-") as name:
        dump = Path(name) / _DUMP
        keys = _read_archive(file, dump)
        if not replace:
            _ensure_no_other_keys(keys, settings)
        with database_url(settings) as url:
            server, has_tables = asyncio.run(_server_version(url)), asyncio.run(_has_tables(url))
            if has_tables and not replace:
                raise click.ClickException(f"{describe_database(settings)} has tables already; use --replace")
            options = ["--clean", "--if-exists"] if has_tables else []
            run_program(
                "pg_restore", url, "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", *options,
                str(dump), server_version=server,
            )  # fmt: skip
            asyncio.run(migrate_database(url))
            interviews, accounts = asyncio.run(_count(url))
    _write_keys(keys, settings)
    click.echo(f"Restored to {describe_database(settings)}: {interviews} interviews, {accounts} accounts")
    click.echo(f"Keys: {len(keys)} in {settings.key_dir}" if keys else "Keys: none in the backup")


def _write_archive(draft: Path, dump: Path, keys: list[Path], server: int) -> None:
    manifest = {
        "version": version("interview-system"),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "postgresql": server,
    }
    with tarfile.open(draft, "x") as archive:
        content = json.dumps(manifest).encode()
        member = tarfile.TarInfo(_MANIFEST)
        member.size, member.mode = len(content), 0o600
        archive.addfile(member, io.BytesIO(content))
        for path, name in [(dump, _DUMP), *((key, f"keys/{key.name}") for key in keys)]:
            archive.add(path, name, filter=_make_anonymous)
    draft.chmod(0o600)
    with draft.open("rb") as file:
        os.fsync(file.fileno())


def _make_anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _read_archive(file: Path, dump: Path) -> dict[str, bytes]:
    """Write the dump to a file, and return the keys by name. Raises ClickException."""
    keys: dict[str, bytes] = {}
    try:
        with tarfile.open(file, "r:") as archive:
            for member in archive:
                _read_member(file, member, archive.extractfile(member), dump, keys)
    except (tarfile.TarError, EOFError) as error:
        raise _NotABackup(file, str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror or error}") from None
    if not dump.exists():
        raise _NotABackup(file, f"it contains no {_DUMP}")
    return keys


def _read_member(
    file: Path, member: tarfile.TarInfo, content: IO[bytes] | None, dump: Path, keys: dict[str, bytes]
) -> None:
    match = _KEY.fullmatch(member.name)
    if content is None or not (match or member.name in (_MANIFEST, _DUMP)):
        raise _NotABackup(file, f"it contains {member.name}")
    if match:
        keys[match[1]] = content.read()
    elif member.name == _DUMP:
        with open(dump, "wb", opener=_open_private) as output:
            shutil.copyfileobj(content, output)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _ensure_no_other_keys(keys: dict[str, bytes], settings: Settings) -> None:
    existing = {path.name: path.read_bytes() for path in settings.key_dir.glob("*.pem")}
    if keys and existing and existing != keys:
        raise click.ClickException(f"{settings.key_dir} has other keys already; use --replace, or another JWT_KEY_DIR")


def _write_keys(keys: dict[str, bytes], settings: Settings) -> None:
    if not keys:
        return
    folder = settings.key_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in keys.items():
        draft = folder / f".draft-{name}"
        with open(draft, "wb", opener=_open_private) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / name)
    for path in folder.glob("*.pem"):
        if path.name not in keys:
            path.unlink()


@contextmanager
def _draft_beside(file: Path) -> Iterator[Path]:
    """Yield a private folder on the disk of the file. Raises ClickException if it cannot be created."""
    try:
        with tempfile.TemporaryDirectory(prefix=f".{file.name}-", dir=file.parent) as name:
            yield Path(name)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror or error}") from None


async def _server_version(url: str) -> int:
    async with open_connection(url) as connection:
        return connection.get_server_version().major


async def _has_tables(url: str) -> bool:
    async with open_connection(url) as connection:
        row = await connection.fetchval(
            "SELECT to_regclass('interview') IS NOT NULL OR to_regclass('migration') IS NOT NULL"
        )
        return bool(row)


async def _count(url: str) -> tuple[int, int]:
    async with open_connection(url, statement_timeout=300) as connection:
        row = await connection.fetchrow("SELECT (SELECT count(*) FROM interview), (SELECT count(*) FROM account)")
        return (row[0], row[1]) if row else (0, 0)
