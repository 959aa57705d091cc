"""The kinds of values that settings have, each with what is wrong about others in words for a person."""

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

_HOST = re.compile(r"(?:[A-Za-z0-9._*-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_ORIGIN = re.compile(rf"\*|[a-z][a-z0-9+.-]*://{_HOST.pattern}")
_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")


def _url(value: str) -> str:
    parts = urlsplit(value)  # raises ValueError for what is no URL, as its port does
    if parts.port == 0:
        raise ValueError("Port could not be 0")
    if parts.scheme in ("http", "https") and not parts.hostname:
        raise ValueError("URL should name a host")
    return value


def _without_secret(value: str) -> str:
    if "@" in urlsplit(value).netloc:
        raise ValueError("URL should hold no user name and no password; LLM_API_KEY is the place for a secret")
    return value


def _fit_for_a_header(value: SecretStr) -> SecretStr:
    if not _VISIBLE_ASCII.fullmatch(value.get_secret_value()):
        raise ValueError("Key should be visible ASCII characters")
    return value


def _origin(value: str) -> str:
    if not _ORIGIN.fullmatch(value):
        raise ValueError("Origin should be a scheme, a host and perhaps a port, without a path")
    return value


def _host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise ValueError("Host should be a name, without scheme and path")
    return value


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _in_small_letters(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
DatabaseUrl = Annotated[str, Field(pattern=r"^(postgres(ql)?|cockroachdb)://"), AfterValidator(_url)]
ReplicaUrl = Annotated[str, Field(pattern=r"^postgres(ql)?://"), AfterValidator(_url)]
WebUrl = Annotated[str, Field(pattern=r"^https?://"), AfterValidator(_url)]
ModelUrl = Annotated[WebUrl, AfterValidator(_without_secret)]
ModelKey = Annotated[SecretStr, AfterValidator(_fit_for_a_header)]
Origin = Annotated[str, AfterValidator(_origin)]
HostName = Annotated[str, AfterValidator(_host)]
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_in_small_letters)]

LISTED = (NoDecode, BeforeValidator(_split))
"""For tuples: the environment carries them as comma-separated text, not as JSON."""
