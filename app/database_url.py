"""The hosts of a database URL, and which of them the service wants: the primary, a standby, or any."""

import re
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

Role = Literal["any", "primary", "standby"]

ROLES: dict[str, Role] = {
    "any": "any",
    "read-write": "primary",
    "primary": "primary",
    "read-only": "standby",
    "standby": "standby",
}
"""The role that each value of `target_session_attrs` asks for. libpq's `prefer-standby` asks for none."""

_HOST = re.compile(r"(?:\[(?P<address>[^\]]*)\]|(?P<name>[^:\[\]]*))(?::(?P<port>[^:]*))?")
_DEFAULT_PORT = 5432


class Host(NamedTuple):
    """A host name, an address or the folder of a socket, and a port."""

    name: str
    port: int

    def __str__(self) -> str:
        return self.name if self.port == _DEFAULT_PORT else f"{self.name} port {self.port}"


def parse_hosts(url: str) -> tuple[Host, ...]:
    """Return the hosts of a URL in its order: those of its authority, otherwise those of the parameter `host`.

    Raises ValueError if the URL, a host or a port is malformed.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    authority = parts.netloc.rpartition("@")[2]
    if authority:
        return tuple(_parse_host(each, _DEFAULT_PORT) for each in authority.split(","))
    ports = query.get("port", "").split(",")
    names = query.get("host", "localhost").split(",")
    if len(ports) not in (1, len(names)):
        raise ValueError(f"URL has {len(names)} hosts and {len(ports)} ports")
    ports *= len(names) // len(ports)
    return tuple(_parse_host(name, _parse_port(port)) for name, port in zip(names, ports, strict=True))


def find_role(url: str) -> Role | None:
    """Return the role that `target_session_attrs` asks for, or None if its value is not in ROLES."""
    return ROLES.get(dict(parse_qsl(urlsplit(url).query)).get("target_session_attrs", "any"))


def _parse_host(text: str, default_port: int) -> Host:
    text = unquote(text)
    if text.startswith("/"):
        return Host(text, default_port)
    match = _HOST.fullmatch(text)
    if match is None:
        raise ValueError("Host should be a name or an address with an optional port")
    return Host(match["address"] or match["name"] or "localhost", _parse_port(match["port"] or "", default_port))


def _parse_port(text: str, default: int = _DEFAULT_PORT) -> int:
    if not text:
        return default
    if not text.isdecimal() or not 0 < int(text) <= 65535:
        raise ValueError("Port should be between 1 and 65535")
    return int(text)
