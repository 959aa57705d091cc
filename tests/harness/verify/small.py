"""A small API and its contract: items to create, read, take once and delete."""

import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from statuspin.contract.folder import Contract
from statuspin.contract.matrix import Pin
from statuspin.http.connection import Connection
from statuspin.verify.pinning import Outcome, Pinning
from statuspin.verify.servers import Servers
from statuspin.verify.target import RunningServer
from tests.harness.contract.samples import body_response, contract, raw
from tests.harness.http.server import ReceivedRequest, Response

MESSAGE = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}
ITEM = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
ERROR = body_response(MESSAGE)
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1, "maximum": 1000}}
BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object", "required": ["name"], "additionalProperties": False,
                "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 20}},
            }
        }
    },
}  # fmt: skip
DOCUMENT = raw(
    {
        "/items": {
            "get": {"operationId": "list_items", "responses": {"200": body_response({"type": "array"}), "500": ERROR}},
            "post": {
                "operationId": "make_item", "requestBody": BODY,
                "responses": {"201": body_response(ITEM), "401": ERROR, "422": ERROR, "500": ERROR},
            },
        },
        "/items/{id}": {
            "parameters": [ID],
            "get": {"operationId": "read_item", "responses": {"200": body_response(ITEM), "404": ERROR, "500": ERROR}},
            "put": {"operationId": "take_item", "responses": {"200": body_response(ITEM), "409": ERROR, "404": ERROR}},
            "delete": {"operationId": "remove_item", "responses": {"204": {"description": ""}, "404": ERROR}},
        },
    }
)  # fmt: skip
STEP = {"operation": "make_item", "actor": "owner", "with": {"body": {"name": "n"}}, "answer": 201}
PINS: dict[str, Any] = {
    "actors": {"anonymous": {"anonymous": True}, "owner": {}},
    "states": {
        "missing": {"values": {"id": 999}},
        "new": {
            "steps": [{**STEP, "keep": {"id": "id"}}],
            "undo": [{"operation": "remove_item", "actor": "owner", "answer": 204, "with": {"path": {"id": "{id}"}}}],
        },
    },
    "pins": {},
}
PATH = {"request": {"path": {"id": "{id}"}}}


class Items:
    """The API. `fault` has wrong responses by operation."""

    def __init__(self, fault: dict[str, Response] | None = None) -> None:
        self._fault, self._lock = fault or {}, threading.Lock()
        self._names: dict[int, str] = {}
        self._taken: set[int] = set()
        self._last = 0

    def __call__(self, asked: ReceivedRequest) -> Response:
        with self._lock:
            method, (path, _, _) = asked.method, asked.target.partition("?")
            said = self._fault.get(f"{method} {path}") or self._fault.get(method)
            return said or self._respond(method, path.strip("/").split("/"), asked)

    def _respond(self, method: str, parts: list[str], asked: ReceivedRequest) -> Response:
        if parts == ["items"]:
            return self._handle_collection(method, asked)
        number = int(parts[1]) if len(parts) == 2 and parts[1].isdecimal() else 0
        if number not in self._names:
            return Response(404, {"message": "No such item"})
        return self._handle_item(method, number)

    def _handle_collection(self, method: str, asked: ReceivedRequest) -> Response:
        if method == "GET":
            return Response(200, [{"id": number, "name": name} for number, name in self._names.items()])
        if method != "POST":
            return Response(405, {"message": "No such method"}, {"Allow": "GET, POST"})
        if not asked.headers.get("authorization"):
            return Response(401, {"message": "Who are you?"}, {"WWW-Authenticate": "Bearer"})
        return self._create(asked)

    def _create(self, asked: ReceivedRequest) -> Response:
        try:
            body = json.loads(asked.body)
        except ValueError:
            body = None
        name = body.get("name") if isinstance(body, dict) and set(body) == {"name"} else None
        if not isinstance(name, str) or not 1 <= len(name) <= 20:
            return Response(422, {"message": "No such name"})
        self._last += 1
        self._names[self._last] = name
        return Response(201, {"id": self._last, "name": name}, {"Server-Timing": "statements;desc=1"})

    def _handle_item(self, method: str, number: int) -> Response:
        if method == "DELETE":
            del self._names[number]
            return Response(204)
        if method == "PUT" and number in self._taken:
            return Response(409, {"message": "Taken"})
        if method == "PUT":
            self._taken.add(number)
        if method not in ("GET", "PUT"):
            return Response(405, {"message": "No such method"}, {"Allow": "GET, PUT, DELETE"})
        return Response(200, {"id": number, "name": self._names[number]}, {"Server-Timing": "statements;desc=2"})


def small_contract(folder: Path, pins: dict[str, Any], document: dict[str, Any] | None = None, **more: Any) -> Contract:
    """Write and read a contract with these pins."""
    return contract(folder, document or DOCUMENT, {**PINS, **more, "pins": pins})


@asynccontextmanager
async def open_servers(
    read: Contract, url: str, tokens: dict[str, object] | None = None, **more: Any
) -> AsyncIterator[Servers]:
    """Yield the servers of a contract for a running server."""
    async with Servers(
        read,
        RunningServer(url, {"owner": "secret-token"} if tokens is None else tokens),
        connection=Connection(timeout=5),
        **more,
    ) as servers:
        yield servers


async def outcomes(read: Contract, url: str, *, clean_up: bool = False, **more: Any) -> list[Outcome]:
    """Run every pin of a contract in order."""
    async with open_servers(read, url, **more) as servers:
        pinning = Pinning(servers, clean_up=clean_up)
        return [await pinning.run(pin) for pin in read.matrix]


async def outcome(read: Contract, url: str, **more: Any) -> Outcome:
    """Run the only pin of a contract."""
    (only,) = await outcomes(read, url, **more)
    return only


def first_pin(read: Contract) -> Pin:
    """Return the first pin."""
    return read.matrix[0]
