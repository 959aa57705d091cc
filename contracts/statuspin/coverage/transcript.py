"""Hash the requests of a run. Two runs that send the same requests to a fresh server have the same hash."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from statuspin.http.exchange import Exchange

_UUID = re.compile(rb"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TOKEN = re.compile(rb"eyJ[\w-]+\.[\w-]+\.[\w-]*")
_MOMENT = re.compile(rb"(20[2-9]\d-\d\d-\d\d)(T|%3A|%2B|:|\+|\.|Z|\d)+")
_LEAST = 12
_LEFT_OUT = {"authorization", "cookie", "x-schemathesis-testcaseid", "host", "user-agent", "content-length"}


class Transcript:
    """A hash of requests in order. Ids are numbered, kept values are named, and tokens and times are left out."""

    def __init__(self, left_out: Iterable[str] = ()) -> None:
        """left_out: names, in lower case, of more headers that differ between runs, such as those of sessions."""
        self._left_out = _LEFT_OUT.union(left_out)
        self._hash = hashlib.sha256()
        self._ids: dict[bytes, bytes] = {}
        self.requests = 0

    def see(self, exchange: Exchange, kept: Mapping[str, object] | None = None) -> None:
        """Add a request. kept: values of earlier responses that it may contain, by name."""
        sent = exchange.sent
        headers = sorted(f"{name}: {value}" for name, value in sent.headers.items() if name not in self._left_out)
        text = "\n".join((f"{sent.method} {sent.target}", *headers)).encode("utf-8", "surrogateescape")
        content = text + b"\n\n" + sent.body
        for name, value in (kept or {}).items():
            if isinstance(value, str) and len(value) >= _LEAST:
                for form in (value, quote(value, safe="")):
                    content = content.replace(form.encode("utf-8", "surrogatepass"), f"<{name}>".encode())
        self._hash.update(self._normalize(content) + b"\0")
        self.requests += 1

    @property
    def digest(self) -> str:
        """The hash of the requests so far: sixteen hexadecimal digits."""
        return self._hash.hexdigest()[:16]

    def _normalize(self, text: bytes) -> bytes:
        text = _MOMENT.sub(b"<moment>", _TOKEN.sub(b"<token>", text))
        return _UUID.sub(lambda found: self._ids.setdefault(found[0].lower(), b"<%d>" % len(self._ids)), text)
