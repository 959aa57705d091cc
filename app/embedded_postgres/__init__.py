"""The PostgreSQL server that `serve` starts if DATABASE_URL is not set. Import from here, not from the modules."""

from app.embedded_postgres.errors import EmbeddedUnavailable
from app.embedded_postgres.postgres import EmbeddedPostgres, find_data_dir, find_running_url
from app.embedded_postgres.programs import find_installed_programs
from app.embedded_postgres.watchdog import Watchdog

__all__ = [
    "EmbeddedPostgres",
    "EmbeddedUnavailable",
    "Watchdog",
    "find_data_dir",
    "find_installed_programs",
    "find_running_url",
]
