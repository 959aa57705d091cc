"""What is sent and what is expected of the answer: the parts that rows, states and modes are made of."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _listed(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


Names = Annotated[tuple[str, ...], BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...])]


class Part(BaseModel):
    """A part of pins.yaml: read once, never changed, and nothing in it that has no meaning."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Request(Part):
    """What is sent. Texts may hold `{names}` that a state kept; see statuspin/http/values.py for `$json`, `$repeat`.

    body: sent as JSON. raw: a text, or parts of one, sent as it is instead. chunked: without a Content-Length.
    without: members to leave out of body, query, path or headers. method: another one than the operation's.
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
        """This request with the parts of `other` laid over it; members of a body that is an object one by one."""
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
    """What an answer has to be, besides what openapi.yaml says of its status.

    holds: place in the body (`data.messages.*.role`) to its value, or to `{counts_from: 1}`, `{absent: true}`,
    `{at_least: n}`, `{starts_with: text}`, `{one_of: [...]}`, `{size: n}`. headers: name to value; null: not there.
    statements: how many it may cost at the most.
    """

    answer: Annotated[int, Field(ge=100, le=599)]
    message: str | None = None
    holds: dict[str, Any] = {}
    headers: dict[str, str | None] = {}
    statements: Annotated[int, Field(ge=0)] | None = None


class Step(Expectation):
    """One request of a state, or before or after a pin's own; anything but the answer promised breaks it.

    with: laid over the operation's request. keep: name to the place in the body whose value it keeps.
    """

    operation: str
    actor: str
    answer: Annotated[int, Field(ge=100, le=599)] = 200
    request: Request = Field(Request(), alias="with")
    keep: dict[str, str] = {}
    times: Annotated[int, Field(ge=1)] = 1


def _is_made(value: dict[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith("$")
