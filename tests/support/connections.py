"""The settings with which the services of a test run connect to PostgreSQL: directly, or through a proxy.

The redirects are in the environment, so that xdist workers and subprocesses inherit them.
"""

import json
import os
from urllib.parse import urlsplit

from app.database.dialect import dialect_of
from app.settings import database_url_at_start

UNREACHABLE_URL = f"{dialect_of(database_url_at_start()).scheme}127.0.0.1:1/nowhere"
"""The URL of a database that is unreachable, for the dialect of this process."""

_REDIRECTS = "TEST_REDIRECTS"


def connection_settings(url: str) -> dict[str, str]:
    """Return the settings with which a service connects to the database of a URL, including DATABASE_URL."""
    redirect = _read_redirects().get(_server_url(url))
    if redirect is None:
        return {"DATABASE_URL": url}
    return {**redirect, "DATABASE_URL": urlsplit(redirect["DATABASE_URL"])._replace(path=urlsplit(url).path).geturl()}


def redirect_connections(url: str, settings: dict[str, str]) -> None:
    """Let services connect to the server of a URL with these settings. The path of their DATABASE_URL is ignored."""
    os.environ[_REDIRECTS] = json.dumps({**_read_redirects(), _server_url(url): settings})


def restore_connections(url: str) -> None:
    """Let services connect to the server of a URL directly again."""
    remaining = {server: settings for server, settings in _read_redirects().items() if server != _server_url(url)}
    os.environ[_REDIRECTS] = json.dumps(remaining)


def _server_url(url: str) -> str:
    """Return the URL without its database."""
    return urlsplit(url)._replace(path="").geturl()


def _read_redirects() -> dict[str, dict[str, str]]:
    redirects: dict[str, dict[str, str]] = json.loads(os.environ.get(_REDIRECTS, "{}"))
    return redirects
