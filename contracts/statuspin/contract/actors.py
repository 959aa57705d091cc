"""The actors of pins.yaml and how they sign in: one way for each actor, and one login for the contract."""

import re
from typing import Any

from pydantic import Field, model_validator

from statuspin.contract.steps import Part

_WAYS = ("anonymous", "authorization", "tampered", "login", "api_key", "basic", "token")
_REQUEST = re.compile(r"(GET|POST|PUT|PATCH|QUERY) (/\S*|https?://\S+)")


class Basic(Part):
    """A user name and a password for HTTP Basic (RFC 7617)."""

    username: str
    password: str = ""


class Actor(Part):
    """A caller and its credentials. An actor without any gets them from the tokens command or the tokens file.

    api_key: sent as the document's apiKey scheme says. basic: sent as HTTP Basic. token: sent in the Authorization
    header after `prefix`. login: the body of a login. authorization: the whole Authorization header. tampered: another
    actor, whose credentials are sent with one character exchanged. scheme: the security scheme, if there are several.
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

    @model_validator(mode="after")
    def _one_way(self) -> "Actor":
        ways = [name for name in _WAYS if getattr(self, name) not in (None, False)]
        if len(ways) > 1:
            raise ValueError(f"an actor has one of {', '.join(_WAYS)}, and not {' and '.join(ways)}")
        if self.prefix is not None and self.token is None:
            raise ValueError("`prefix` goes with `token`")
        return self


class Csrf(Part):
    """The CSRF value that goes with every unsafe request of a session.

    header, field: where it goes, a header or a member of the body. from: where an answer has it, a place in the body,
    `cookie.NAME` or `header.NAME`. operation, url: a request that is sent before the login to get a first value.
    """

    header: str | None = None
    field: str | None = None
    place: str = Field(alias="from")
    operation: str | None = None
    url: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> "Csrf":
        if (self.header is None) == (self.field is None):
            raise ValueError("`csrf` has either `header` or `field`")
        if self.operation and self.url:
            raise ValueError("`csrf` has either `operation` or `url`")
        _ensure_request(self.url)
        return self


class Login(Part):
    """How an actor with a `login` signs in: the request that its body goes to, and what of the answer it keeps.

    operation: the login's operation; url: `POST /token`, if the document does not have it. media_type: of the body, if
    the document does not name one. token: where the answer has the token, a place in the body, `cookie.NAME` or
    `header.NAME`; it is sent after `prefix`. cookies: the answer's cookies are the session.
    """

    operation: str | None = None
    url: str | None = None
    media_type: str | None = None
    token: str | None = None
    prefix: str | None = None
    cookies: bool = False
    csrf: Csrf | None = None

    @model_validator(mode="after")
    def _complete(self) -> "Login":
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
        raise ValueError(f"`url` is a method and a path, such as `POST /token`, not {url!r}")
