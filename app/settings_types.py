"""The types of settings, with error messages for people."""

import re
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from app.database_url import ROLES, find_role, parse_hosts

_HOST = re.compile(r"(?:[A-Za-z0-9._*-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_ORIGIN = re.compile(rf"\*|[a-z][a-z0-9+.-]*://{_HOST.pattern}")
_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")


def _check_url(value: str) -> str:
    parts = urlsplit(value)  # Raises ValueError if it is not a URL. So does `port`.
    if parts.port == 0:
        raise ValueError("Port should not be 0")
    if parts.scheme in ("http", "https") and not parts.hostname:
        raise ValueError("URL should have a host")
    return value


def _check_hosts(value: str) -> str:
    """Check the hosts of a database URL, and that it says which of several the service may write to."""
    several = len(parse_hosts(value)) > 1
    role = find_role(value)
    if role is None:
        raise ValueError(f"target_session_attrs should be one of {', '.join(ROLES)}")
    if several and role != "primary" and value.startswith("postgres"):
        raise ValueError("URL with several hosts should have target_session_attrs=read-write")
    return value


def _check_replica_hosts(value: str) -> str:
    if len(parse_hosts(value)) > 1 and find_role(value) != "standby":
        raise ValueError("URL with several hosts should have target_session_attrs=standby")
    return value


def _reject_credentials(value: str) -> str:
    if "@" in urlsplit(value).netloc:
        raise ValueError("URL should not contain a user name or password; set LLM_API_KEY instead")
    return value


def _check_header_value(value: SecretStr) -> SecretStr:
    if not _VISIBLE_ASCII.fullmatch(value.get_secret_value()):
        raise ValueError("Key should consist of visible ASCII characters")
    return value


def _check_origin(value: str) -> str:
    if not _ORIGIN.fullmatch(value):
        raise ValueError("Origin should consist of scheme, host and optional port, without a path")
    return value


def _check_host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise ValueError("Host should be a name without scheme and path")
    return value


def _split_list(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _without_driver(value: Any) -> Any:
    """Accept SQLAlchemy's form of the URL, which names the driver, because old deployments use it."""
    return re.sub(r"^postgres(?:ql)?\+asyncpg://", "postgresql://", value) if isinstance(value, str) else value


def _require_private(value: str) -> str:
    """The caller's token goes to this URL, so it may leave the machine only encrypted."""
    parts = urlsplit(value)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise ValueError("URL should begin with https://, or name this machine, such as http://127.0.0.1:8080/context")
    if "@" in parts.netloc or parts.fragment:
        raise ValueError("URL should not contain a user name, password or fragment")
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
DatabaseUrl = Annotated[
    str,
    BeforeValidator(_without_driver),
    Field(pattern=r"^(postgres(ql)?|cockroachdb)://"),
    AfterValidator(_check_hosts),
]
ReplicaUrl = Annotated[
    str, BeforeValidator(_without_driver), Field(pattern=r"^postgres(ql)?://"), AfterValidator(_check_replica_hosts)
]
WebUrl = Annotated[str, Field(pattern=r"^https?://"), AfterValidator(_check_url)]
ModelUrl = Annotated[WebUrl, AfterValidator(_reject_credentials)]
ContextUrl = Annotated[WebUrl, AfterValidator(_require_private)]
ModelKey = Annotated[SecretStr, AfterValidator(_check_header_value)]
Origin = Annotated[str, AfterValidator(_check_origin)]
HostName = Annotated[str, AfterValidator(_check_host)]
JwtAlgorithm = Literal["RS256", "ES256", "EdDSA"]
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)]

COMMA_SEPARATED = (NoDecode, BeforeValidator(_split_list))
"""Annotations of a tuple, which is comma-separated text in the environment instead of JSON."""
