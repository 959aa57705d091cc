"""Hooks for the fuzzer's requests: the actor's credentials, the rate limit, time limits, and unanswered requests."""

import functools
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import requests
import schemathesis
from schemathesis.schemas import BaseSchema
from urllib3.exceptions import ReadTimeoutError

from statuspin.contract.document import Document, Operation, find_response
from statuspin.http.bodies import FORM, MULTIPART
from statuspin.http.building import SAFE
from statuspin.http.client import Resends
from statuspin.http.connection import Connection
from statuspin.http.credentials import Credentials
from statuspin.http.exchange import Answer
from statuspin.http.patience import LONGEST_PAUSE, retry_pause
from statuspin.http.reading import EVENT_STREAM
from statuspin.loading.pointers import parse_pointer, step

_UNREAD: dict[int, set[str]] = {}
"""The id of each schema that is being fuzzed, to the labels of its operations with bodies that were not compared."""


@schemathesis.deserializer("text/*", "application/*+xml")
def _read_text(context: schemathesis.DeserializationContext, response: schemathesis.Response) -> str:
    """Return a text body for the comparison with its schema.

    Raises NotImplementedError, which skips the comparison, if the schema describes the data that the text encodes, such
    as the objects of an XML or CSV document.
    """
    if _describes_data(context.operation, response):
        _UNREAD.get(id(context.operation.schema), set()).add(context.operation.label)
        raise NotImplementedError
    return response.text


def _describes_data(operation: Any, response: schemathesis.Response) -> bool:
    definition = operation.responses.find_by_status_code(response.status_code)
    media_type = ", ".join(response.headers.get("content-type", []))
    root = schema = definition.get_schema(media_type).schema if definition else None
    for _ in range(_MOST_REFERENCES):
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(reference, str):
            break
        schema = _resolve_reference(root, reference)
    if not isinstance(schema, dict):
        return False
    types = schema.get("type", "string" if not _STRUCTURE & set(schema) else "object")
    return "string" not in (types if isinstance(types, list) else [types])


def _resolve_reference(root: Any, reference: str) -> Any:
    """Return the schema of a reference, or None if it cannot be resolved."""
    try:
        return functools.reduce(step, parse_pointer(reference), root)
    except KeyError:
        return None


_NO_PROXY = "no_proxy"
_MOST_UNANSWERED = 8
_MOST_BYTES = 64 << 20
_MOST_REFERENCES = 20
_STRUCTURE = frozenset({"properties", "items", "allOf", "anyOf", "oneOf", "$ref"})


class FuzzTransport:
    """The hooks of one run of Schemathesis. A context manager, because hooks of requests have to be global.

    unanswered: number of consecutive requests without a response. last_activity: time of the last request or response.
    unread: labels of operations with bodies that were not compared.
    """

    def __init__(
        self, schema: BaseSchema, document: Document, url: str, connection: Connection, resends: Resends
    ) -> None:
        """document: defines the documented statuses. resends: counts the requests that are sent again."""
        self._schema, self._connection, self._resends = schema, connection, resends
        self._proxy = connection.proxy_for(url)
        self._operations: dict[str, Operation] = {each.label: each for each in document.operations.values()}
        self._pauses = LONGEST_PAUSE
        self.unanswered = 0
        self.unread: set[str] = set()
        self.last_activity = time.monotonic()
        self.stop: Callable[[], None] = lambda: None
        self._hook: Callable[..., None] | None = None
        self._no_proxy = os.environ.get(_NO_PROXY)
        schema.hook("after_network_error")(lambda context, case, request: self._count_silence())  # noqa: ARG005

    def __enter__(self) -> "FuzzTransport":
        def prepare(context: Any, case: Any, kwargs: dict[str, Any]) -> None:  # Schemathesis accepts only functions
            del context
            if case.operation.schema is self._schema:
                self._prepare(case.operation.label, kwargs)

        _UNREAD[id(self._schema)] = self.unread
        schemathesis.hook("before_call")(prepare)
        self._hook = prepare
        os.environ[_NO_PROXY] = "*"  # use only the connection's proxy, also for the probes of Schemathesis
        return self

    def __exit__(self, *_: object) -> None:
        _UNREAD.pop(id(self._schema), None)
        if self._hook is not None:
            schemathesis.hooks.unregister(self._hook)
        if self._no_proxy is None:
            os.environ.pop(_NO_PROXY, None)
        else:
            os.environ[_NO_PROXY] = self._no_proxy

    @property
    def is_silent(self) -> bool:
        """Whether the server has stopped responding."""
        return self.unanswered >= _MOST_UNANSWERED

    def _prepare(self, label: str, kwargs: dict[str, Any]) -> None:
        """Prepare a request: wait for the rate limit, ignore the user's settings, and limit the response."""
        self._connection.pace.wait_in_thread()
        self.last_activity = time.monotonic()
        if self._proxy:
            kwargs["proxies"] = {"http": self._proxy, "https": self._proxy}
        kwargs.setdefault("auth", _keep_request)  # otherwise requests reads ~/.netrc

        def bounded(response: requests.Response, **sending: Any) -> requests.Response:
            return self._limit_body(self._retry_after_pause(response, label, sending))

        kwargs["hooks"] = {"response": bounded}

    def _retry_after_pause(self, response: requests.Response, label: str, sending: dict[str, Any]) -> requests.Response:
        """Send the request again if an undocumented response asks for a pause, for up to a minute in total."""
        headers = {name.lower(): value for name, value in response.headers.items()}
        pause = retry_pause(Answer(response.status_code, headers))
        if pause is None or pause > self._pauses or self._is_documented(label, response.status_code):
            return response
        self._pauses -= max(pause, 1.0)
        self._resends.limited += 1
        response.close()
        time.sleep(pause)
        again: requests.Response = response.connection.send(response.request, **sending)
        return self._retry_after_pause(again, label, sending)

    def _is_documented(self, label: str, status: int) -> bool:
        operation = self._operations.get(label)
        return operation is not None and find_response(operation.raw.get("responses") or {}, status) not in (
            None,
            "default",
        )

    def _limit_body(self, response: requests.Response) -> requests.Response:
        """Make a body time out if it takes longer than a response may take, or is too large."""
        self.last_activity = time.monotonic()
        deadline = time.monotonic() + self._connection.timeout
        stream, raw = response.raw.stream, response.raw
        # Schemathesis limits event streams itself.
        if response.headers.get("content-type", "").startswith(EVENT_STREAM):
            self.unanswered = 0

        def bounded(*arguments: Any, **named: Any) -> Any:
            size = 0
            for chunk in stream(*arguments, **named):
                size += len(chunk)
                if time.monotonic() > deadline or size > _MOST_BYTES:
                    self._count_silence()
                    raise ReadTimeoutError(raw._pool, response.url, "the body does not end")  # noqa: SLF001
                yield chunk
            self.unanswered = 0

        raw.stream = bounded
        return response

    def _count_silence(self) -> None:
        self.unanswered, self.last_activity = self.unanswered + 1, time.monotonic()
        if self.is_silent:
            self.stop()


def authenticate(schema: BaseSchema, current: Callable[[bool], Credentials]) -> None:
    """Add an actor's credentials to every request, through Schemathesis, whose checks can then omit them.

    current: returns the credentials; the argument True requests another login, because the server returned 401.
    """
    first = current(False)  # noqa: FBT003

    class _Provider:
        def __init__(self) -> None:
            self._asked = False
            self._lock = threading.Lock()

        def get(self, case: Any, context: Any) -> Credentials:
            del case, context
            with self._lock:
                again, self._asked = self._asked, True
            return current(again) if again else first

        def set(self, case: Any, data: Credentials, context: Any) -> None:
            del context
            _apply(case, data)

    if first.renewable:
        schema.auth(refresh_interval=10**9, retry_on=[401])(_Provider)
    else:
        schema.auth(refresh_interval=None)(_Static.of(first))


class _Static:
    """A provider of credentials that do not expire."""

    credentials: Credentials

    @classmethod
    def of(cls, credentials: Credentials) -> type["_Static"]:
        return type("_StaticCredentials", (cls,), {"credentials": credentials})

    def get(self, case: Any, context: Any) -> Credentials:
        del case, context
        return self.credentials

    def set(self, case: Any, data: Credentials, context: Any) -> None:
        del context
        _apply(case, data)


def _apply(case: Any, credentials: Credentials) -> None:
    headers = {_title_case(name): value for name, value in credentials.headers.items()}
    unsafe = case.method.upper() not in SAFE
    if unsafe and credentials.csrf_header:
        headers[credentials.csrf_header[0]] = credentials.csrf_header[1]
    _update(case, "headers", headers)
    _update(case, "query", credentials.query)
    _update(case, "cookies", credentials.cookies)
    if unsafe and credentials.csrf_field and isinstance(case.body, dict) and case.media_type in (FORM, MULTIPART):
        case.body = {**case.body, **dict([credentials.csrf_field])}


def _update(case: Any, container: str, values: Any) -> None:
    if not values:
        return
    known = getattr(case, container)
    if known is None:
        setattr(case, container, dict(values))
    else:
        known.update(values)


def _title_case(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _keep_request(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
