"""Serve the template's backend on an embedded PostgreSQL: `python serve.py HOME DATA PORT`."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.embedded_postgres import EmbeddedPostgres

_ACCOUNT = {"FIRST_SUPERUSER": "admin@example.com", "FIRST_SUPERUSER_PASSWORD": "correct-horse-battery"}
_CREATE_TABLES = """
from app.core.db import engine
from app.models import SQLModel
SQLModel.metadata.create_all(engine)
"""  # its migrations need the extension uuid-ossp, which the embedded PostgreSQL lacks


def main(home: Path, data: Path, port: str) -> int:
    """Create the tables and the first account, serve until SIGTERM, and return the exit status."""
    with EmbeddedPostgres(data / "postgres") as postgres:
        parts = urlsplit(postgres.start())
        environment = {
            **os.environ,
            **_ACCOUNT,
            "PROJECT_NAME": "Template",
            "SECRET_KEY": "only-for-tests-only-for-tests-only",
            "POSTGRES_SERVER": parts.hostname or "",
            "POSTGRES_PORT": str(parts.port),
            "POSTGRES_USER": unquote(parts.username or ""),
            "POSTGRES_PASSWORD": unquote(parts.password or ""),
            "POSTGRES_DB": parts.path.lstrip("/"),
            "PYTHONPATH": ".",
        }
        backend, python = home / "source" / "backend", home / "bin" / "python"
        for command in (["-c", _CREATE_TABLES], ["app/initial_data.py"]):
            subprocess.run([python, *command], cwd=backend, env=environment, check=True)
        command = [python, "-m", "uvicorn", "app.main:app", "--host", "127.0.0.1", "--port", port]
        server = subprocess.Popen(command, cwd=backend, env=environment)
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        return server.wait()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
