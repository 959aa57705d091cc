"""Base paths in `servers`, proxies, and headers of every request."""

from pathlib import Path

import pytest

from statuspin.contract.base_paths import add_base_paths
from statuspin.contract.document import Document
from statuspin.errors import CannotRun
from statuspin.http.connection import Connection
from statuspin.verify.record import create_record
from statuspin.verify.verdict import findings
from tests.harness.cli.commands import assert_one_line_error
from tests.harness.http.server import ReceivedRequest, Response, serve
from tests.harness.reach.runs import broken_pins, document, run, write_contract

PINS = {"pins": {"get_thing": {"rows": [{"actor": "anonymous", "answer": 200}]}}}


def serve_below_v1(asked: ReceivedRequest) -> Response:
    return (
        Response(200, {"id": 1})
        if asked.target.startswith("/api/v1/thing")
        else Response(404, {"error": "no such path"})
    )


@pytest.mark.parametrize("server", ["/api/v1", "https://api.example.com/api/v1/", "{root}/v1"])
async def test_an_error_names_the_base_path_that_the_url_lacks(tmp_path: Path, server):
    variables = {"root": {"default": "/api"}}
    read = document(servers=[{"url": server, "variables": variables}])
    with serve(serve_below_v1) as server_:
        expected = rf"GET /thing returns 404; `servers` of the document has a base path: try --url {server_.url}/api/v1"
        with pytest.raises(CannotRun, match=expected):
            await run(write_contract(tmp_path, read, PINS), server_.url)
        assert broken_pins(await run(write_contract(tmp_path / "right", read, PINS), f"{server_.url}/api/v1")) == []


async def test_a_finding_names_the_base_path_if_every_response_is_404(tmp_path: Path):
    thing = {"operationId": "read_thing", "responses": {"200": {"description": ""}}}
    name = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    only = {**document(servers=[{"url": "/api/v1"}]), "paths": {"/thing/{id}": {"get": thing, "parameters": [name]}}}
    pins = {"pins": {"read_thing": {"request": {"path": {"id": "x"}}, "rows": [{"actor": "anonymous", "answer": 200}]}}}
    with serve(serve_below_v1) as server:
        result = await run(write_contract(tmp_path, only, pins), server.url)
    (found,) = [each for each in findings(result) if each.rule == "base-path"]
    assert found.message == (
        f"every response was 404; `servers` of the document has a base path: try --url {server.url}/api/v1"
    )


@pytest.mark.parametrize("count", [1, 0])
async def test_a_base_path_is_suggested_without_servers_if_a_path_without_parameters_is_404(tmp_path: Path, count):
    thing = {"operationId": "read_thing", "responses": {"200": {"description": ""}, "404": {"description": ""}}}
    name = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    item = {"get": thing} if count else {"get": {**thing, "parameters": [name]}}
    only = {**document(), "paths": {"/thing" if count else "/thing/{id}": item}}
    only.pop("servers", None)
    request = {} if count else {"path": {"id": "x"}}
    pins = {"pins": {"read_thing": {"request": request, "rows": [{"actor": "anonymous", "answer": 404}]}}}
    with serve(serve_below_v1) as server:
        result = await run(write_contract(tmp_path, only, pins), server.url)
    found = [each.message for each in findings(result) if each.rule == "base-path"]
    hint = (
        f"every response was 404; the server may have a base path that the document lacks, as in --url {server.url}/api"
    )
    assert found == [hint] * count


@pytest.mark.parametrize(
    ("servers", "found"),
    [
        ([], []),
        ([{"url": "/"}], []),
        ([{"url": "http://[bad"}], []),
        ([{"url": "/a"}, {"url": "https://b.example/a/"}], ["http://127.0.0.1:1/a"]),
    ],
)
def test_a_base_path_is_named_once_if_it_exists(servers, found):
    read = Document({**document(), "servers": servers})
    assert add_base_paths(read, "http://127.0.0.1:1") == found
    assert add_base_paths(read, "http://127.0.0.1:1/a/") == []


def test_an_error_names_the_url_of_the_document_without_a_url(tmp_path: Path):
    write_contract(tmp_path, document(servers=[{"url": "https://api.example.com/v1"}]), PINS)
    naming = "name a running server with --url; openapi.yaml lists https://api.example.com/v1"
    assert_one_line_error("verify", "--contract", ".", naming=naming, cwd=tmp_path)


async def test_headers_are_sent_with_every_request_and_redacted(tmp_path: Path):
    read = write_contract(tmp_path, document(), PINS).with_redacted(["x-tenant"])
    with serve(lambda _: Response(200, {"id": 1})) as server:
        result = await run(read, server.url, Connection(timeout=5, headers={"x-tenant": "sesame"}), fuzz=True)
    assert {asked.headers.get("x-tenant") for asked in server.asked if "x-schemathesis-probe" not in asked.headers} == {
        "sesame"
    }
    assert "sesame" not in str(create_record(result))


@pytest.mark.parametrize(
    ("header", "naming"),
    [("X-Tenant", "write a header as 'Name: value'"), ("X-Tenant: ${UNSET_NAME}", "UNSET_NAME is not set")],
)
def test_an_invalid_header_is_one_line(tmp_path: Path, header, naming):
    assert_one_line_error("verify", "--url", "http://127.0.0.1:9", "--header", header, naming=naming, cwd=tmp_path)


def answer_as_proxy(asked: ReceivedRequest) -> Response:
    """Answer as a proxy for http, so that the tests can see that it was used."""
    return Response(200, {"id": 1}) if asked.target.startswith("http://api.example.com/") else Response(502)


async def test_every_request_uses_the_proxy(tmp_path: Path):
    read = write_contract(tmp_path, document(), PINS)
    with serve(answer_as_proxy) as proxy:
        result = await run(read, "http://api.example.com", Connection(timeout=5, proxy=proxy.url), fuzz=True)
    assert broken_pins(result) == []
    assert result.fuzzed.answered == result.fuzzed.cases > 0


async def test_a_proxy_of_the_environment_is_not_used_on_the_loopback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with serve(answer_as_proxy) as proxy, serve(lambda _: Response(200, {"id": 1})) as server:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        assert broken_pins(await run(write_contract(tmp_path / "a", document(), PINS), "http://api.example.com")) == []
        asked = len(proxy.asked)
        assert broken_pins(await run(write_contract(tmp_path / "b", document(), PINS), server.url, fuzz=True)) == []
        assert len(proxy.asked) == asked
        monkeypatch.setenv("NO_PROXY", "api.example.com")
        assert Connection().proxy_for("http://api.example.com") is None
