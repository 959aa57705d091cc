"""What anybody may ask: health, readiness, permissions; and the pages that are no part of the API."""

import json

import httpx
import pytest
import yaml
from starlette.applications import Starlette

from app.contract_file import contract, contract_text
from app.database.transactions import Transactions
from app.settings import Settings
from tests.support import assertions as then
from tests.support.clients import another_app


async def test_200_says_that_the_service_is_alive(client: httpx.AsyncClient) -> None:
    data, meta = then.succeeded(await client.get("/health"), "Service is healthy")

    assert meta is None
    assert data == {
        "service": "interview-system",
        "version": contract()["info"]["version"],
        "status": "healthy",
        "environment": "development",
        "model_provider": "scripted",
        "model": "guide-1",
    }


async def test_200_says_that_the_service_is_ready(client: httpx.AsyncClient) -> None:
    data, _ = then.succeeded(await client.get("/health/ready"), "Ready")

    assert data == {"ready": True, "checks": {"database": "ok", "migrations": "ok", "keys": "ok"}}


async def test_503_says_that_the_database_is_out_of_reach_while_health_says_alive(settings: Settings) -> None:
    async with another_app(settings, database_url="postgresql://127.0.0.1:1/nowhere") as client:
        response = await client.get("/health/ready")
        assert (await client.get("/health")).status_code == 200

    envelope = response.json()
    assert (response.status_code, envelope["message"]) == (503, "Not ready")
    assert [fault["field"] for fault in envelope["errors"]] == ["database", "migrations"]
    assert envelope["data"]["checks"]["keys"] == "ok"
    assert int(response.headers["retry-after"]) >= 1


async def test_503_says_how_many_migrations_are_missing(app: Starlette, client: httpx.AsyncClient) -> None:
    services = app.state.services
    object.__setattr__(services, "expected_migrations", lambda: ["interviews/of-tomorrow"])
    try:
        response = await client.get("/health/ready")
    finally:
        object.__setattr__(services, "expected_migrations", list)

    assert response.status_code == 503
    assert response.json()["errors"] == [{"field": "migrations", "error": "1 to apply"}]


async def test_200_with_the_six_permissions(client: httpx.AsyncClient) -> None:
    data, meta = then.succeeded(await client.get("/interviews/permissions"), "Permissions retrieved successfully")

    assert [each["name"] for each in data["permissions"]] == [
        f"interviews:{right}" for right in ("create", "read", "read_all", "update", "delete", "export")
    ]
    assert all(each["description"] for each in data["permissions"])
    assert meta == {"total_permissions": 6}


@pytest.mark.parametrize("path", ["/health", "/health/ready", "/interviews/permissions"])
@pytest.mark.parametrize("method", ["POST", "DELETE", "HEAD", "OPTIONS"])
async def test_405_when_the_method_is_not_get(client: httpx.AsyncClient, path: str, method: str) -> None:
    response = await client.request(method, path)

    assert (response.status_code, response.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize(
    "path", ["/", "/interview", "/interviews/", "/health/", "/interviews/a/b", "/auth", "/Health", "/..%2f"]
)
async def test_404_when_nothing_lives_at_the_path(client: httpx.AsyncClient, path: str) -> None:
    then.refused(await client.get(path), 404, "Not found", {"field": "path", "error": ...})


async def test_404_and_405_outside_of_the_api_are_envelopes_too(client: httpx.AsyncClient) -> None:
    then.refused(await client.get("http://interviews/favicon.ico"), 404, "Not found", {"field": "path", "error": ...})
    response = await client.post("http://interviews/docs")
    assert (response.status_code, response.json()["message"]) == (405, "Method not allowed")
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_the_contract_is_served_as_it_was_written(client: httpx.AsyncClient) -> None:
    as_yaml = await client.get("http://interviews/openapi.yaml")
    as_json = await client.get("http://interviews/openapi.json")

    assert (as_yaml.text, as_yaml.headers["content-type"]) == (contract_text(), "application/yaml")
    assert json.loads(as_json.text) == yaml.safe_load(contract_text())


async def test_the_docs_page_names_every_operation_and_may_load_nothing(client: httpx.AsyncClient) -> None:
    page = await client.get("http://interviews/", follow_redirects=True)

    assert page.url.path == "/docs"
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for path, item in contract()["paths"].items():
        for method in item.keys() & {"get", "post", "patch"}:
            assert f"<b>{method.upper()}</b> {path}" in page.text
    assert "src=" not in page.text
    assert "http" not in page.text.replace("HTTP", "").split("<style>")[0]


async def test_browsers_of_a_named_origin_may_call_and_others_may_not(
    settings: Settings, database: Transactions
) -> None:
    asking = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    async with another_app(settings, cors_origins=("https://app.example",)) as client:
        allowed = await client.options("/interviews/start", headers=asking)
        foreign = await client.options("/interviews/start", headers={**asking, "Origin": "https://evil.example"})

    assert allowed.headers["access-control-allow-origin"] == "https://app.example"
    assert "access-control-allow-origin" not in foreign.headers
