"""What a security scheme names is in no record, report or command line of a run."""

import json
from pathlib import Path
from typing import Any

import pytest

from statuspin.formats import FORMATS, render
from statuspin.report.conversion import convert_record
from statuspin.report.rendering import render_page
from statuspin.verify.fuzz_settings import Budget
from statuspin.verify.record import create_record
from statuspin.verify.target import RunningServer
from statuspin.verify.verification import Plan, Verification
from tests.harness.contract.samples import body_response, contract, raw
from tests.harness.http.server import ReceivedRequest, Response, serve

SECRET = "sesame-4711"
ITEM = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
WAYS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "header": ({"type": "apiKey", "in": "header", "name": "X-Pass"}, {"api_key": SECRET}),
    "query": ({"type": "apiKey", "in": "query", "name": "pass-code"}, {"api_key": SECRET}),
    "cookie": ({"type": "apiKey", "in": "cookie", "name": "sid"}, {"api_key": SECRET}),
    "another HTTP scheme": ({"type": "http", "scheme": "Token"}, {"token": SECRET}),
    "Basic": ({"type": "http", "scheme": "basic"}, {"basic": {"username": "anna", "password": SECRET}}),
    "bearer": ({"type": "http", "scheme": "bearer"}, {"token": SECRET}),
}


def echo(asked: ReceivedRequest) -> Response:
    """Answer what was asked, and set what was sent as a cookie, as debugging servers do."""
    cookie = asked.headers.get("cookie", "none=1")
    names = ("x-pass", "cookie", "authorization")
    body = {"id": "wrong", "asked": asked.target, "message": f"{SECRET} is not known"}
    body |= {name: asked.headers[name] for name in names if name in asked.headers}
    return Response(200, body, {"Set-Cookie": f"{cookie}; Path=/", "X-Pass": asked.headers.get("x-pass", "")})


@pytest.mark.parametrize("way", WAYS)
async def test_the_credentials_of_a_security_scheme_are_redacted_everywhere(tmp_path: Path, way):
    scheme, credentials = WAYS[way]
    responses = {"200": body_response(ITEM), "401": {"description": ""}}
    parameters = [{"name": "q", "in": "query", "schema": {"type": "string"}}]
    document = raw({"/item": {"get": {"operationId": "get_item", "parameters": parameters, "responses": responses}}})
    document |= {"security": [{"s": []}], "components": {"securitySchemes": {"s": scheme}}}
    written = {"header": {"headers": {"x-PASS": SECRET}}, "query": {"query": {"pass-code": SECRET}}}.get(way, {})
    rows = [
        {"actor": "caller", "answer": 200},
        {"actor": "caller", "input": "as written in the row", "with": written, "answer": 200},
        {"actor": "caller", "input": "echo", "answer": 200, "holds": {"x-pass": "another", "asked": "/"}},
    ]
    actors = {"anonymous": {"anonymous": True}, "caller": credentials}
    read = contract(tmp_path, document, {"actors": actors, "fuzzer": "caller", "pins": {"get_item": {"rows": rows}}})
    with serve(echo) as server:
        plan = Plan(workers=1, budget=Budget(examples=3, seconds=5))
        result = await Verification(read, RunningServer(server.url, {}), plan).run()
        assert SECRET in str(server.asked) or way == "Basic"
    record = json.loads(json.dumps(create_record(result)))
    report = convert_record(record)
    assert report.status == 1
    for text in (json.dumps(record), render_page(record), *(render(report, style) for style in FORMATS)):
        assert SECRET not in text
        assert "YW5uYTpzZXNhbWU" not in text  # the beginning of `anna:sesame` in base64
