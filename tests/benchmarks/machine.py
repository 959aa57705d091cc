"""Where and on what something was measured."""

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import click

_PACKAGES = ("uvicorn", "starlette", "asyncpg", "pydantic", "piccolo", "fastapi", "sqlalchemy", "litestar", "uvloop")


def ensure_installed(*modules: str) -> None:
    """Raise where a package is missing that only the benchmarks need."""
    missing = [each for each in modules if find_spec(each) is None]
    if missing:
        raise click.ClickException(f"the benchmarks need more packages: pip install {' '.join(missing)}")


async def machine(url: str | None = None) -> dict[str, object]:
    """Date, processor, versions; PostgreSQL's where a database is given."""
    told: dict[str, object] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
    }
    if url:
        connection = await asyncpg.connect(url)
        try:
            told["postgresql"] = await connection.fetchval("SHOW server_version")
        finally:
            await connection.close()
    return told


def in_words(told: dict[str, object]) -> str:
    """The machine in one line."""
    database = f", PostgreSQL {told['postgresql']}" if "postgresql" in told else ""
    return f"{told['date']}, {told['cores']} cores of {told['processor']}, Python {told['python']}{database}"


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
