"""Requests and expected responses: the parts of rows, states and modes."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _as_list(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


Names = Annotated[tuple[str, ...], BeforeValidator(_as_list, json_schema_input_type=str | tuple[str, ...])]


class Part(BaseModel):
    """A part of pins.yaml. It is immutable, and unknown members are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Request(Part):
    """A request. Texts may hold `{names}` that a state kept; see statuspin/http/values.py for `$json`, `$repeat`.

    body: sent as JSON. raw: a string, or a list of its parts, sent unchanged instead. chunked: sent without
    Content-Length. without: members to leave out of body, query, path or headers. method: replaces the operation's.
    """

    method: str | None = None
    path: dict[str, Any] = {}
    query: dict[str, Any] = {}
    headers: dict[str, Any] = {}
    body: Any = None
    raw: Any = None
    media_type: str | None = None
    chunked: bool = False
    without: Names = ()

    def merged(self, other: "Request") -> "Request":
        """Return this request overlaid with `other`. The members of object bodies are merged."""
        body = self.body if "body" not in other.model_fields_set else other.body
        if isinstance(self.body, dict) and isinstance(other.body, dict) and not _is_made(other.body):
            body = {**self.body, **other.body}
        return Request(
            method=other.method or self.method,
            path={**self.path, **other.path},
            query={**self.query, **other.query},
            headers={**self.headers, **other.headers},
            body=body,
            raw=self.raw if other.raw is None else other.raw,
            media_type=other.media_type or self.media_type,
            chunked=other.chunked or self.chunked,
            without=(*self.without, *other.without),
        )


class Expectation(Part):
    """The expected response, in addition to the response that openapi.yaml describes.

    holds: the values at places of the body (`data.messages.*.role`), or `{counts_from: 1}`, `{absent: true}`,
    `{at_least: n}`, `{starts_with: text}`, `{one_of: [...]}`, `{size: n}`. headers: values by name; null means absent.
    statements: the highest number of SQL statements.
    """

    answer: Annotated[int, Field(ge=100, le=599)]
    message: str | None = None
    holds: dict[str, Any] = {}
    headers: dict[str, str | None] = {}
    statements: Annotated[int, Field(ge=0)] | None = None


class Step(Expectation):
    """A request of a state, or one before or after the request of a pin. Any other response is an error.

    with: overlays the operation's request. keep: names of values to keep, with their places in the response.
    """

    operation: str
    actor: str
    answer: Annotated[int, Field(ge=100, le=599)] = 200
    request: Request = Field(Request(), alias="with")
    keep: dict[str, str] = {}
    times: Annotated[int, Field(ge=1)] = 1


def _is_made(value: dict[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith("$")
