"""Compute the test coverage level of a run, from 0 to 7.

A level is reached if all its criteria, and those of all lower levels, are met. The levels are those of Martin-Lopez,
Segura and Ruiz-Cortés, "Test Coverage Criteria for RESTful Web APIs" (A-TEST 2019).

A request that is rejected before the operation handles it (401, 403, 429) covers only the status. A request that gets
404 covers more only if the operation succeeds at least once in the run.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from statuspin.contract.directions import READ_ONLY, is_marked
from statuspin.contract.document import Document, Operation, find_response
from statuspin.coverage.elements import (
    body_schema,
    members,
    parameters,
    path_values,
    places,
    properties,
    values,
)
from statuspin.coverage.exercise import MISSING, TURNED_AWAY, Exercise
from statuspin.coverage.flows import Flows
from statuspin.http.exchange import Answer, Exchange


@dataclass
class Criterion:
    """One criterion. wanted, seen: readable names of its elements, such as `get_item · 404`."""

    level: int
    name: str
    wanted: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    @property
    def missing(self) -> list[str]:
        """The elements that are not covered, sorted by name."""
        return sorted(self.wanted - self.seen)

    @property
    def met(self) -> bool:
        """Whether all elements are covered."""
        return self.wanted <= self.seen


class Criteria:
    """The ten criteria for one document. Forbidden statuses do not count."""

    def __init__(self, document: Document, forbidden: Iterable[int] = ()) -> None:
        """document: the OpenAPI document. forbidden: statuses that no response may have."""
        self._document = document
        self._forbidden = {str(status) for status in forbidden}
        self._flows = Flows(document)
        self._exercise = Exercise(document)
        self._properties: dict[tuple[str, str], set[str]] = {}
        self._media_types: dict[tuple[str, str], set[str]] = defaultdict(set)
        names = (
            (1, "paths"), (2, "operations"), (3, "request media types"), (3, "response media types"),
            (4, "parameters"), (4, "status classes"), (5, "parameter values"), (5, "statuses"),
            (6, "response properties"), (7, "operation flows"),
        )  # fmt: skip
        self.all = [Criterion(level, name) for level, name in names]
        self._by_name = {criterion.name: criterion for criterion in self.all}
        for operation in document.operations.values():
            self._want_request(operation)
            self._want_responses(operation)
        self._want("operation flows", (" · ".join(flow) for flow in self._flows.all))

    @property
    def level(self) -> int:
        """The highest level that the run reaches."""
        unmet = [criterion.level for criterion in self.all if not criterion.met]
        return min(unmet) - 1 if unmet else 7

    def see(self, exchange: Exchange) -> None:
        """Mark the elements that an exchange covers: none without a response. Its operation comes from `Booking`."""
        operation = self._document.operations.get(exchange.operation)
        if operation is None or exchange.answer is None:
            return
        if exchange.answer.status not in (*TURNED_AWAY, MISSING):
            self._see("paths", operation.path)
        if exchange.sent.method.lower() == operation.method:
            for exercising in self._exercise.take(operation, exchange):
                self._see("paths", operation.path)
                self._see("operations", operation.id)
                self._see_request(operation, exercising)
        self._see_response(operation, exchange.answer)
        for flow in self._flows.see(exchange):
            self._see("operation flows", " · ".join(flow))

    def _want_request(self, operation: Operation) -> None:
        self._want("paths", [operation.path])
        self._want("operations", [operation.id])
        for parameter in parameters(self._document, operation):
            self._want("parameters", [f"{operation.id} · {parameter['name']}"])
            for value in values(self._document, parameter.get("schema")):
                self._want("parameter values", [_name_value(operation, parameter["name"], value)])
        body = self._document.resolve(operation.raw.get("requestBody")) or {}
        for media_type in body.get("content") or {}:
            self._want_media_type("request media types", operation, media_type)
        for name, schema in members(self._document, body_schema(self._document, body)).items():
            if not is_marked(self._document, schema, READ_ONLY):
                possible = values(self._document, schema)
                self._want("parameter values", (_name_value(operation, name, each) for each in possible))

    def _want_responses(self, operation: Operation) -> None:
        for status, raw in (operation.raw.get("responses") or {}).items():
            if status in self._forbidden or status.startswith("x-"):
                continue
            response = self._document.resolve(raw) or {}
            self._want("statuses", [f"{operation.id} · {status}"])
            if status != "default":
                self._want("status classes", [f"{operation.id} · {status[0]}XX"])
            for media_type in response.get("content") or {}:
                self._want_media_type("response media types", operation, media_type)
            described = properties(self._document, body_schema(self._document, response))
            self._properties[operation.id, status] = described
            self._want("response properties", (f"{operation.id} · {status} · {place}" for place in described))

    def _see_request(self, operation: Operation, exchange: Exchange) -> None:
        sent = exchange.sent
        cookies = dict(pair.strip().split("=", 1) for pair in sent.headers.get("cookie", "").split(";") if "=" in pair)
        sent_values: dict[str, dict[str, str]] = {
            "query": dict(sent.query), "header": sent.headers, "cookie": cookies,
            "path": path_values(operation, sent.path),
        }  # fmt: skip
        for parameter in parameters(self._document, operation):
            name, place = parameter["name"], parameter.get("in", "")
            given = sent_values.get(place, {}).get(name.lower() if place == "header" else name)
            if given is None:
                continue
            self._see("parameters", f"{operation.id} · {name}")
            self._see("parameter values", _name_value(operation, name, given))
        if sent.body:
            self._see_media_type("request media types", operation, sent.media_type)
        if isinstance(sent.json, dict):
            for name, value in sent.json.items():
                if isinstance(value, str | int | bool | None):
                    self._see("parameter values", _name_value(operation, name, value))

    def _see_response(self, operation: Operation, answer: Answer) -> None:
        kind = f"{answer.status // 100}XX"
        status = find_response(operation.raw.get("responses") or {}, answer.status)
        if status is None:
            return
        self._see("statuses", f"{operation.id} · {status}")
        self._see("status classes", f"{operation.id} · {kind}")
        self._see_media_type("response media types", operation, answer.media_type)
        for place in self._properties.get((operation.id, status), set()) & set(places(answer.json)):
            self._see("response properties", f"{operation.id} · {status} · {place}")

    def _want_media_type(self, name: str, operation: Operation, media_type: str) -> None:
        self._media_types[name, operation.id].add(media_type)
        self._want(name, [f"{operation.id} · {media_type}"])

    def _see_media_type(self, name: str, operation: Operation, seen: str) -> None:
        """Mark a media type. The documented one may be a range, such as `image/*`, or have parameters."""
        for media_type in self._media_types[name, operation.id]:
            if fnmatchcase(seen, media_type.partition(";")[0].strip().lower()):
                self._see(name, f"{operation.id} · {media_type}")

    def _want(self, name: str, elements: Iterable[str]) -> None:
        self._by_name[name].wanted |= set(elements)

    def _see(self, name: str, element: str) -> None:
        self._by_name[name].seen.add(element)


def _name_value(operation: Operation, name: str, value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"{operation.id} · {name} = {text}"
