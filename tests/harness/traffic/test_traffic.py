"""Rows of pins.yaml from HAR files, Postman collections and a recording proxy."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import pytest
import yaml

from statuspin.contract.folder import Contract
from statuspin.http.values import fill, literal
from tests.harness.cli.commands import CHECKOUT, ENVIRONMENT, assert_one_line_error, run_command

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "https://api.example.com/v2"}],
    "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "signature"}}},
    "paths": {
        "/pets": {
            "get": {"operationId": "list_pets", "parameters": [{"name": "limit", "in": "query", "schema": {}}],
                    "responses": {"200": {"description": ""}, "401": {"description": ""}}},
            "post": {"operationId": "create_pet", "requestBody": {"content": {"application/json": {"schema": {}}}},
                     "responses": {"201": {"description": ""}, "422": {"description": ""}}},
        },
        "/pets/{pet_id}": {
            "parameters": [{"name": "pet_id", "in": "path", "required": True, "schema": {"type": "integer"}},
                           {"name": "X-Tenant", "in": "header", "schema": {"type": "string"}}],
            "get": {"operationId": "get_pet", "responses": {"200": {"description": ""}, "404": {"description": ""}}},
        },
        "/pets/newest": {"get": {"operationId": "newest_pet", "responses": {"200": {"description": ""}}}},
        "/login": {
            "post": {"operationId": "login", "requestBody": {"content": {"application/x-www-form-urlencoded": {}}},
                     "responses": {"200": {"description": ""}, "default": {"description": ""}}},
        },
    },
}  # fmt: skip
BASE = "https://staging.example.com/v2"


def entry(method: str, path: str, status: int, headers: dict[str, str] | None = None, **data: Any) -> dict[str, Any]:
    pairs = [{"name": name, "value": value} for name, value in (headers or {}).items()]
    request = {"method": method, "url": BASE + path, "headers": pairs, **({"postData": data} if data else {})}
    return {"request": request, "response": {"status": status}}


def har(*entries: Any) -> str:
    return json.dumps({"log": {"version": "1.2", "entries": entries}})


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    folder = tmp_path / "contract"
    folder.mkdir()
    (folder / "openapi.json").write_text(json.dumps(DOCUMENT), encoding="utf-8")
    return folder


def imported(contract: Path, text: str) -> tuple[dict[str, Any], str]:
    """Return the rows by operation that `import` makes of a file, and what it says."""
    (contract / "traffic.json").write_text(text, encoding="utf-8")
    result = run_command("import", contract / "traffic.json", "--contract", contract)
    assert result.returncode == 0, result.stderr
    return {name: each["rows"] for name, each in yaml.safe_load(result.stdout)["pins"].items()}, result.stderr


def test_a_row_has_what_was_sent_and_the_status(contract: Path) -> None:
    rows, said = imported(
        contract,
        har(
            entry("GET", "/pets?limit=2", 200, {"Authorization": "Bearer secret"}),
            entry("GET", "/pets/7", 404, {"X-Tenant": "a", "User-Agent": "browser"}),
            entry("GET", "/pets/newest", 200, {"Cookie": "session=secret"}),
            entry("POST", "/pets", 201, mimeType="application/json; charset=utf-8", text='{"name": "Rex", "tags": []}'),
            entry("POST", "/pets", 422, mimeType="application/json", text="{"),
        ),
    )

    assert rows == {
        "list_pets": [{"actor": "caller", "input": "recorded 1", "with": {"query": {"limit": "2"}}, "answer": 200}],
        "get_pet": [
            {"actor": "anonymous", "input": "recorded 1",
             "with": {"path": {"pet_id": 7}, "headers": {"x-tenant": "a"}}, "answer": 404},
        ],
        "newest_pet": [{"actor": "caller", "input": "recorded 1", "answer": 200}],
        "create_pet": [
            {"actor": "anonymous", "input": "recorded 1", "with": {"body": {"name": "Rex", "tags": []}}, "answer": 201},
            {"actor": "anonymous", "input": "recorded 2",
             "with": {"raw": "{", "media_type": "application/json"}, "answer": 422},
        ],
    }  # fmt: skip
    assert said == "5 rows of 4 operations\n"


def test_secrets_become_environment_variables(contract: Path) -> None:
    rows, said = imported(
        contract,
        har(
            entry("GET", "/pets?signature=s3cret&limit=1", 200),
            entry("POST", "/login", 200, mimeType="application/x-www-form-urlencoded",
                  params=[{"name": "user", "value": "ann"}, {"name": "password", "value": "s3cret"}]),
            entry("POST", "/pets", 201, mimeType="application/json", text='{"owner": {"api_token": "s3cret", "n": 1}}'),
        ),
    )  # fmt: skip

    assert rows["list_pets"] == [
        {"actor": "caller", "input": "recorded 1", "with": {"query": {"limit": "1"}}, "answer": 200}
    ]
    assert rows["login"][0]["with"] == {"body": {"user": "ann", "password": "${PASSWORD}"}}
    assert rows["create_pet"][0]["with"] == {"body": {"owner": {"api_token": "${API_TOKEN}", "n": 1}}}
    assert "s3cret" not in str(rows) + said


def test_equal_requests_make_one_row_and_others_are_listed(contract: Path) -> None:
    same = entry("GET", "/pets?limit=2", 200)

    rows, said = imported(
        contract,
        har(same, same, entry("GET", "/app.js", 200), entry("GET", "/pets", 418), entry("GET", "/pets", 0),
            entry("POST", "/login", 503)),
    )  # fmt: skip

    assert {name: len(each) for name, each in rows.items()} == {"list_pets": 1, "login": 1}
    assert said.splitlines() == [
        "left out: GET /v2/app.js: openapi.yaml has no such operation",
        "left out: list_pets: openapi.yaml does not name 418",
        "2 rows of 2 operations",
    ]


def test_the_rows_are_a_valid_pins_file_and_send_what_was_recorded(contract: Path) -> None:
    body = {"text": "a {name} and ${HOME}", "made": {"$json": "[]"}, "list": ["{x}"]}
    rows, _ = imported(contract, har(entry("POST", "/pets", 201, mimeType="application/json", text=json.dumps(body))))
    pins = {"actors": {"anonymous": {"anonymous": True}}, "pins": {name: {"rows": each} for name, each in rows.items()}}
    (contract / "pins.yaml").write_text(yaml.safe_dump(pins), encoding="utf-8")

    (pin,) = Contract.read(contract).matrix

    assert fill(pin.request.body, {}) == body


@pytest.mark.parametrize(
    "value", ["{a}", "${A}", "a {b}", {"$raw": "x"}, {"$json": "{"}, ["{a}", {"a": "{b}"}], 1, None]
)
def test_a_literal_value_is_filled_to_itself(value: Any) -> None:
    assert fill(literal(value), {}) == value


def test_a_postman_collection_makes_rows_of_its_example_responses(contract: Path) -> None:
    collection = {
        "info": {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "variable": [{"key": "base", "value": BASE}],
        "item": [
            {"name": "Pets", "item": [
                {"name": "One",
                 "request": {"method": "GET", "auth": {"type": "bearer"},
                             "url": {"raw": "{{base}}/pets/:id", "variable": [{"key": "id", "value": "3"}]}},
                 "response": [{"code": 200}]},
                {"name": "New",
                 "request": {"method": "POST", "url": "{{base}}/pets",
                             "body": {"mode": "raw", "raw": '{"name": "Rex"}',
                                      "options": {"raw": {"language": "json"}}}},
                 "response": [{"code": 201}, {"code": 422, "originalRequest": {
                     "method": "POST", "url": {"raw": "{{base}}/pets"}, "body": {"mode": "raw", "raw": "[]"},
                     "header": [{"key": "Content-Type", "value": "application/json"}]}}]},
            ]},
            {"name": "Without an example", "request": {"method": "GET", "url": "{{base}}/pets"}},
        ],
    }  # fmt: skip

    rows, _ = imported(contract, json.dumps(collection))

    assert rows == {
        "get_pet": [{"actor": "caller", "input": "recorded 1", "with": {"path": {"pet_id": 3}}, "answer": 200}],
        "create_pet": [
            {"actor": "anonymous", "input": "recorded 1", "with": {"body": {"name": "Rex"}}, "answer": 201},
            {"actor": "anonymous", "input": "recorded 2", "with": {"body": []}, "answer": 422},
        ],
    }


@pytest.mark.parametrize(
    ("text", "naming"),
    [
        ("{", "not JSON"),
        ("[]", "neither a HAR file"),
        ('{"log": {}}', "log.entries is missing"),
        (har({}), "log.entries[0] is malformed: 'request' is missing"),
        (har({"request": [], "response": {"status": 200}}), "log.entries[0] is malformed"),
        (har({"request": {"method": "GET", "url": "/", "headers": [1]}, "response": {"status": 200}}), "entries[0]"),
        (har({"request": {}, "response": {"status": "many"}}), "entries[0] is malformed"),
        (har(), "no request matches an operation"),
        ('{"item": [{"item": [1]}]}', "item[0].item[0] is malformed"),
        ('{"item": [{"request": {}, "response": [{"code": 200}]}]}', "item[0] is malformed: 'url' is missing"),
    ],
)
def test_2_for_a_file_that_holds_no_traffic(contract: Path, text: str, naming: str) -> None:
    (contract / "traffic.json").write_text(text, encoding="utf-8")

    assert_one_line_error("import", contract / "traffic.json", "--contract", contract, naming=naming)


class Pets(BaseHTTPRequestHandler):
    """A server that knows one pet, and echoes the length of a body."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        self.respond(200 if self.path.endswith("/1") else 404, self.headers.get("Host", "").encode())

    def do_POST(self) -> None:
        self.respond(201, self.rfile.read(int(self.headers["Content-Length"])))

    def respond(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pets) as listening:
        listening.daemon_threads = True
        Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_address[1]}"
        listening.shutdown()


def test_the_proxy_passes_requests_on_and_makes_rows_of_them(contract: Path, server: str, tmp_path: Path) -> None:
    output = tmp_path / "rows.yaml"
    command = [sys.executable, "-u", "-m", "statuspin", "record", "--contract", contract, "--url", server]
    command += ["--requests", "3", "--output", output]
    with subprocess.Popen(command, cwd=CHECKOUT, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        (url,) = re.findall(r"http://127\.0\.0\.1:\d+(?= for)", process.stderr.readline())
        with httpx2.Client(base_url=url) as client:
            assert client.get("/pets/1", headers={"Authorization": "Bearer s3cret"}).text == server.removeprefix(
                "http://"
            )
            assert client.get("/pets/2").status_code == 404
            assert client.post("/pets", content=iter([b'{"name": ', b'"Rex"}'])).text == '{"name": "Rex"}'
        said = process.stderr.read()

    assert (process.returncode, said) == (0, "3 rows of 2 operations\n")
    assert "s3cret" not in output.read_text(encoding="utf-8")
    assert yaml.safe_load(output.read_text(encoding="utf-8"))["pins"] == {
        "get_pet": {
            "rows": [
                {"actor": "caller", "input": "recorded 1", "with": {"path": {"pet_id": 1}}, "answer": 200},
                {"actor": "anonymous", "input": "recorded 2", "with": {"path": {"pet_id": 2}}, "answer": 404},
            ]
        },
        "create_pet": {
            "rows": [{"actor": "anonymous", "input": "recorded 1", "with": {"body": {"name": "Rex"}}, "answer": 201}]
        },
    }


def test_502_if_the_server_does_not_answer(contract: Path) -> None:
    command = [sys.executable, "-u", "-m", "statuspin", "record", "--contract", contract, "--url", "http://127.0.0.1:1"]
    with subprocess.Popen(command, cwd=CHECKOUT, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        (url,) = re.findall(r"http://127\.0\.0\.1:\d+(?= for)", process.stderr.readline())
        assert httpx2.get(f"{url}/pets").status_code == 502
        process.terminate()
        said = process.stderr.read()

    assert process.returncode == 2
    assert said == "error: no request matches an operation and a status of openapi.yaml\n"
