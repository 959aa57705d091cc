"""How the services of a run reach a PostgreSQL: as they are told, or through what a test has put before it.

Written down in the environment, so that xdist's workers and processes of their own know it too.
"""

import json
import os
from urllib.parse import urlsplit

from app.database.dialect import dialect_of
from app.settings import database_url_at_start

NOBODY_LISTENS = f"{dialect_of(database_url_at_start()).scheme}127.0.0.1:1/nowhere"
"""The URL of a database that is out of reach, of the kind that this process was started for."""

_WAYS = "TEST_WAYS"


def reached(url: str) -> dict[str, str]:
    """The settings by which a service reaches the database of a URL, DATABASE_URL among them."""
    way = _ways().get(server_of(url))
    if way is None:
        return {"DATABASE_URL": url}
    return {**way, "DATABASE_URL": urlsplit(way["DATABASE_URL"])._replace(path=urlsplit(url).path).geturl()}


def lead(url: str, way: dict[str, str]) -> None:
    """Let services reach the server of a URL by these settings; the path of their DATABASE_URL does not matter."""
    os.environ[_WAYS] = json.dumps({**_ways(), server_of(url): way})


def lead_no_more(url: str) -> None:
    """Take `lead` back."""
    os.environ[_WAYS] = json.dumps({server: way for server, way in _ways().items() if server != server_of(url)})


def server_of(url: str) -> str:
    """The URL without its database."""
    return urlsplit(url)._replace(path="").geturl()


def _ways() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(os.environ.get(_WAYS, "{}"))
    return found
