"""An exported test sends a form as `verify` does."""

import json
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx2

from statuspin.export.requests import call
from tests.harness.contract.samples import contract, operation, raw

FIELDS = {
    "name": "A “pen”",
    "count": 3,
    "ready": True,
    "tags": ["a", "b"],
    "size": {"w": 1},
    "none": None,
    "id": "{key}",
}
SENT = [
    ("name", "A “pen”"),
    ("count", "3"),
    ("ready", "true"),
    ("tags", "a"),
    ("tags", "b"),
    ("size", '{"w": 1}'),
    ("id", "7"),
]


def _send(folder: Path, media_type: str) -> httpx2.Request:
    body = {"content": {media_type: {"schema": {"type": "object"}}}}
    document = raw({"/a": {"post": operation("add_a", requestBody=body)}})
    pins = {"add_a": {"states": ["-"], "rows": [{"actor": "anonymous", "answer": 200, "with": {"body": FIELDS}}]}}
    read = contract(folder, document, {"actors": {"anonymous": {"anonymous": True}}, "pins": pins})
    (pin,) = read.matrix
    code = call(read, read.document.operations["add_a"], pin.request, "anonymous", "BASE_URL")
    code = code.replace("httpx2.request(", "httpx2.Request(")
    request: Any = eval(code, {"httpx2": httpx2, "json": json, "BASE_URL": "http://x", "key": 7})
    request.read()
    return request


def test_a_form_has_the_same_fields(tmp_path: Path) -> None:
    request = _send(tmp_path, "application/x-www-form-urlencoded")

    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qsl(request.content.decode()) == SENT


def test_a_multipart_form_has_the_same_fields(tmp_path: Path) -> None:
    request = _send(tmp_path, "multipart/form-data")

    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    parts: Any = message_from_bytes(head + request.content).get_payload()
    fields = [
        (part.get_param("name", header="content-disposition"), part.get_payload(decode=True).decode()) for part in parts
    ]
    assert fields == SENT
