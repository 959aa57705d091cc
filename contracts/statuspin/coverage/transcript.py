"""What was asked, as a hash: equal for two runs that made the same requests of a fresh server."""

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
    """Requests in their order. Ids count by first appearance, kept values by name; tokens and moments not at all."""

    def __init__(self, left_out: Iterable[str] = ()) -> None:
        """left_out: the names, in lower case, of more headers that differ between runs, such as of sessions."""
        self._left_out = _LEFT_OUT.union(left_out)
        self._hash = hashlib.sha256()
        self._ids: dict[bytes, bytes] = {}
        self.requests = 0

    def see(self, exchange: Exchange, kept: Mapping[str, object] | None = None) -> None:
        """Write a request down. kept: values of earlier answers that it may hold, by their names."""
        sent = exchange.sent
        headers = sorted(f"{name}: {value}" for name, value in sent.headers.items() if name not in self._left_out)
        text = "\n".join((f"{sent.method} {sent.target}", *headers)).encode("utf-8", "surrogateescape")
        said = text + b"\n\n" + sent.body
        for name, value in (kept or {}).items():
            if isinstance(value, str) and len(value) >= _LEAST:
                for form in (value, quote(value, safe="")):
                    said = said.replace(form.encode("utf-8", "surrogatepass"), f"<{name}>".encode())
        self._hash.update(self._normal(said) + b"\0")
        self.requests += 1

    @property
    def digest(self) -> str:
        """The hash so far, sixteen hexadecimal digits."""
        return self._hash.hexdigest()[:16]

    def _normal(self, text: bytes) -> bytes:
        text = _MOMENT.sub(b"<moment>", _TOKEN.sub(b"<token>", text))
        return _UUID.sub(lambda found: self._ids.setdefault(found[0].lower(), b"<%d>" % len(self._ids)), text)
