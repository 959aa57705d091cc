"""Read files from web servers."""

from time import monotonic
from typing import Any
from urllib.parse import urljoin, urlsplit

from statuspin.errors import CannotRun
from statuspin.loading.files import File, parse_file

_OK = 200
_SECONDS = 60
_LARGEST = 100_000_000
_MOST_REDIRECTS = 10


def is_remote(uri: str) -> bool:
    """Return whether a URI is an HTTP URL."""
    return uri.lower().startswith(("http://", "https://"))


def origin(uri: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port (RFC 6454), empty if missing."""
    try:
        parts = urlsplit(uri)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", "", None
    return parts.scheme, parts.hostname or "", port


def fetch(uri: str, *, any_origin: bool) -> File:
    """Return the JSON or YAML file at a URL. Raises CannotRun if it cannot be read.

    any_origin: whether redirects to other servers are followed.
    """
    import httpx2  # noqa: PLC0415 -- slow to import, and most documents are files

    deadline = monotonic() + _SECONDS
    try:
        with httpx2.Client(timeout=_SECONDS / 2) as client:
            for _ in range(_MOST_REDIRECTS):
                with client.stream("GET", uri, headers={"accept": "application/json, application/yaml, */*"}) as answer:
                    if not answer.is_redirect:
                        return _file(uri, answer, deadline)
                    target = urljoin(uri, answer.headers.get("location", ""))
                if not any_origin and origin(target) != origin(uri):
                    raise CannotRun(f"{_name(uri)}: redirects to another server; pass --allow-remote to follow")
                uri = target
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise CannotRun(f"{_name(uri)}: {str(error) or type(error).__name__}") from None
    raise CannotRun(f"{_name(uri)}: more than {_MOST_REDIRECTS} redirects")


def _file(uri: str, answer: Any, deadline: float) -> File:
    name = _name(uri)
    if answer.status_code != _OK:
        raise CannotRun(f"{name}: the server returned {answer.status_code}")
    content = b""
    for part in answer.iter_bytes():
        content += part
        if len(content) > _LARGEST:
            raise CannotRun(f"{name}: larger than {_LARGEST // 1_000_000} MB")
        if monotonic() > deadline:
            raise CannotRun(f"{name}: not read within {_SECONDS} s")
    return parse_file(uri, name, content)


def _name(uri: str) -> str:
    """Return the URL without user, password and query, which may be secret."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return uri.partition("?")[0].rpartition("@")[2]
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
