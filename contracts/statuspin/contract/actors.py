"""The actors of pins.yaml and their credentials. A contract has at most one login."""

import re
from typing import Any

from pydantic import Field, model_validator

from statuspin.contract.steps import Part

_WAYS = ("anonymous", "authorization", "tampered", "login", "basic", "token", "api_key")
_WITH_A_KEY = frozenset({"authorization", "login", "basic", "token"})
"""The credentials with which an API key may be sent, for documents that require both."""

_REQUEST = re.compile(r"(GET|POST|PUT|PATCH|QUERY) (/\S*|https?://\S+)")


class Basic(Part):
    """A user name and a password for HTTP Basic (RFC 7617)."""

    username: str
    password: str = ""


class Actor(Part):
    """A caller and its credentials. Without any, they come from the tokens command or the tokens file.

    api_key: sent as the document's apiKey scheme defines, with or without one of the others. basic: sent as HTTP Basic.
    token: sent in the Authorization header after `prefix`. login: the body of a login. authorization: the whole
    Authorization header. tampered: another actor, whose credentials are sent with one character exchanged. scheme: the
    security scheme, if several exist.
    """

    description: str = ""
    authorization: str | None = None
    anonymous: bool = False
    tampered: str | None = None
    login: dict[str, Any] | None = None
    api_key: str | None = None
    basic: Basic | None = None
    token: str | None = None
    prefix: str | None = None
    scheme: str | None = None

    @property
    def ways(self) -> list[str]:
        """The members that say which credentials the actor sends."""
        return [name for name in _WAYS if getattr(self, name) not in (None, False)]

    @property
    def ways_beside_key(self) -> list[str]:
        """The members with other credentials than an API key."""
        return [name for name in self.ways if name != "api_key"]

    @model_validator(mode="after")
    def _check_single_way(self) -> "Actor":
        ways, others = self.ways, self.ways_beside_key
        if len(others) > 1 or (len(ways) > 1 and others[0] not in _WITH_A_KEY):
            raise ValueError(
                f"an actor has only one of {', '.join(_WAYS)}, not {' and '.join(ways)};"
                f" only `api_key` may be beside {', '.join(sorted(_WITH_A_KEY))}"
            )
        if self.prefix is not None and self.token is None:
            raise ValueError("`prefix` goes with `token`")
        return self


class Csrf(Part):
    """The CSRF value that a session sends with every unsafe request.

    header, field: the header or the member of the body that carries it. from: its place in a response, a place in the
    body, `cookie.NAME` or `header.NAME`. operation, url: a request sent before the login to get the first value.
    """

    header: str | None = None
    field: str | None = None
    place: str = Field(alias="from")
    operation: str | None = None
    url: str | None = None

    @model_validator(mode="after")
    def _check_completeness(self) -> "Csrf":
        if (self.header is None) == (self.field is None):
            raise ValueError("`csrf` has either `header` or `field`")
        if self.operation and self.url:
            raise ValueError("`csrf` has either `operation` or `url`")
        _ensure_request(self.url)
        return self


class Login(Part):
    """How an actor with a `login` logs in: the request that sends its body, and the value to keep from the response.

    operation: the login's operation; url: a request such as `POST /token`, if the document does not have the operation.
    media_type: the body's, if the document does not name one. token: its place in the response, a place in the body,
    `cookie.NAME` or `header.NAME`; it is sent after `prefix`. cookies: the response's cookies are the session.
    """

    operation: str | None = None
    url: str | None = None
    media_type: str | None = None
    token: str | None = None
    prefix: str | None = None
    cookies: bool = False
    csrf: Csrf | None = None

    @model_validator(mode="after")
    def _check_completeness(self) -> "Login":
        if (self.operation is None) == (self.url is None):
            raise ValueError("`login` has either `operation` or `url`, such as `url: POST /token`")
        if (self.token is None) != self.cookies:
            raise ValueError("`login` has either `token`, the place of the token, or `cookies: true`")
        if self.prefix is not None and self.cookies:
            raise ValueError("`prefix` goes with `token`")
        _ensure_request(self.url)
        return self


def _ensure_request(url: str | None) -> None:
    if url is not None and not _REQUEST.fullmatch(url):
        raise ValueError(f"`url` has to be a method and a path, such as `POST /token`, not {url!r}")
