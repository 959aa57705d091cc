"""The credentials that a caller sends."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Credentials:
    """Headers (with names in lower case), query parameters and cookies that are sent with every request of a caller.

    csrf_header, csrf_field: a name and value sent only with unsafe requests, as a header or a member of the body.
    renewable: whether the credentials come from a login that can be repeated.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    csrf_header: tuple[str, str] | None = None
    csrf_field: tuple[str, str] | None = None
    renewable: bool = False

    @property
    def cookie_header(self) -> str:
        """The value of the Cookie header, empty if no cookies are set."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    @property
    def secrets(self) -> set[str]:
        """The values that no output may show: without their scheme, and the password of HTTP Basic."""
        pairs = [pair for pair in (self.csrf_header, self.csrf_field) if pair]
        values = [*self.headers.values(), *self.query.values(), *self.cookies.values(), *(value for _, value in pairs)]
        found = {value.rpartition(" ")[2] for value in values}
        return found | {_basic_password(value) for value in self.headers.values()} - {""}

    def beside(self, others: "Credentials") -> "Credentials":
        """Return `others` with these headers, query parameters and cookies."""
        return replace(
            others,
            headers={**others.headers, **self.headers},
            query={**others.query, **self.query},
            cookies={**others.cookies, **self.cookies},
        )

    def tamper(self) -> "Credentials":
        """Return invalid credentials of the same form, with one character of each value exchanged."""
        headers, query, cookies = (
            {name: _tamper_value(value) for name, value in part.items()}
            for part in (self.headers, self.query, self.cookies)
        )
        return replace(self, headers=headers, query=query, cookies=cookies, renewable=False)

    def __bool__(self) -> bool:
        """Return whether there is anything to send."""
        return bool(self.headers or self.query or self.cookies)


ANONYMOUS = Credentials()


def authorization(value: str) -> Credentials:
    """Return credentials that consist of one Authorization header."""
    return Credentials({"authorization": value})


def basic(username: str, password: str) -> Credentials:
    """Return the credentials of HTTP Basic (RFC 7617), in UTF-8."""
    return authorization("Basic " + b64encode(f"{username}:{password}".encode()).decode())


def _basic_password(value: str) -> str:
    scheme, _, encoded = value.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(encoded).decode("utf-8", "replace").partition(":")[2]
    except ValueError:
        return ""


def _tamper_value(value: str) -> str:
    """Exchange a character in the middle of a token's signature, or of any other value."""
    if not value:
        return value
    at = len(value) - min(20, len(value.rpartition(" ")[2]) // 2 + 1)
    return value[:at] + ("A" if value[at] != "A" else "B") + value[at + 1 :]
