"""A request and its response."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Sent:
    """A sent request. target: path and query. headers: names in lower case. chunked: sent without Content-Length."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    chunked: bool = False

    @property
    def path(self) -> str:
        """The percent-encoded path."""
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        """The parameters of the query, in order."""
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def media_type(self) -> str:
        """The media type of the body without parameters, empty if the request has no body."""
        return _media_type(self.headers) if self.body else ""

    @cached_property
    def json(self) -> Any:
        """The body, or None if it is not JSON."""
        return _parse_json(self.body)


@dataclass(frozen=True)
class Answer:
    """A received response. headers: names in lower case, with the values of repeated headers joined by commas.

    set_cookies: every Set-Cookie header. cut: whether reading stopped before the stream ended. stray: whether
    bytes followed a response that has no body.
    """

    status: int
    headers: dict[str, str]
    body: bytes = b""
    set_cookies: tuple[str, ...] = ()
    cut: bool = False
    stray: bool = False

    @cached_property
    def cookies(self) -> dict[str, str]:
        """The cookies that the response sets, by name. A deleted cookie has an empty value."""
        found = {}
        for line in self.set_cookies:
            pair, _, attributes = line.partition(";")
            name, _, value = pair.partition("=")
            found[name.strip()] = "" if _deletes_cookie(attributes) else value.strip()
        return found

    @property
    def media_type(self) -> str:
        """The media type of the body without parameters."""
        return _media_type(self.headers)

    @cached_property
    def json(self) -> Any:
        """The body, or None if it is not JSON."""
        return _parse_json(self.body)

    @property
    def statements(self) -> int | None:
        """The number of SQL statements that the server reports in `Server-Timing: statements;desc=2`, or None."""
        for metric in self.headers.get("server-timing", "").split(","):
            name, *parameters = (part.strip() for part in metric.split(";"))
            described = [part.removeprefix("desc=").strip('"') for part in parameters if part.startswith("desc=")]
            if name == "statements" and described and described[0].isdigit():
                return int(described[0])
        return None


@dataclass(frozen=True)
class Exchange:
    """A request with its response, or with the reason why it has none. source: the pin or the phase that sent it."""

    operation: str
    sent: Sent
    answer: Answer | None
    seconds: float = 0.0
    failure: str = ""
    source: str = ""


def find_values(answer: Answer | None, place: str) -> list[Any]:
    """Return the values at a place of a response: `header.NAME`, `cookie.NAME` or a place in the body."""
    if answer is None:
        return []
    kind, _, name = place.partition(".")
    if kind == "header" and name:
        return [answer.headers[name.lower()]] if name.lower() in answer.headers else []
    if kind == "cookie" and name:
        return [answer.cookies[name]] if answer.cookies.get(name) else []
    return values_at(answer.json, place)


def values_at(body: Any, place: str) -> list[Any]:
    """Return the values at a dotted place of a body, such as `data.messages.*.role` or `errors.0.field`."""
    nodes = [body]
    for part in place.split("."):
        nodes = [child for node in nodes for child in _children(node, part)]
    return nodes


def _children(node: Any, part: str) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values()) if part == "*" else [node[part]] if part in node else []
    if isinstance(node, list):
        if part == "*":
            return node
        return [node[int(part)]] if part.removeprefix("-").isdecimal() and -len(node) <= int(part) < len(node) else []
    return []


def _media_type(headers: dict[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _parse_json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        return None


def _reject_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON (RFC 8259, section 6)")


def _deletes_cookie(attributes: str) -> bool:
    """Return whether the attributes of a Set-Cookie header delete the cookie (RFC 6265, section 3.1)."""
    for attribute in attributes.split(";"):
        name, _, value = (part.strip().lower() for part in attribute.partition("="))
        if name == "max-age" and re.fullmatch(r"-\d+|0+", value):
            return True
        if name == "expires" and re.search(r"\b19[67]\d\b", value):
            return True
    return False
