"""Describe the machine of a measurement."""

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
    """Raise an error if a package is missing that only the benchmarks need."""
    missing = [each for each in modules if find_spec(each) is None]
    if missing:
        raise click.ClickException(
            f"the benchmarks need packages that are not installed: pip install {' '.join(missing)}"
        )


async def describe_machine(url: str | None = None) -> dict[str, object]:
    """Return the date, the processor and the versions, with PostgreSQL's version if a database is given."""
    environment: dict[str, object] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
    }
    if url:
        connection = await asyncpg.connect(url)
        try:
            environment["postgresql"] = await connection.fetchval("SHOW server_version")
        finally:
            await connection.close()
    return environment


def format_machine(environment: dict[str, object]) -> str:
    """Format the description of the machine as one line."""
    database = f", PostgreSQL {environment['postgresql']}" if "postgresql" in environment else ""
    processors = f"{environment['cores']} cores of {environment['processor']}"
    return f"{environment['date']}, {processors}, Python {environment['python']}{database}"


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
