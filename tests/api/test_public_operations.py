"""The operations without authentication: health, readiness and permissions."""

import httpx2
from starlette.applications import Starlette

from app.openapi import contract
from app.settings import Settings
from tests.support.assertions import assert_success
from tests.support.clients import open_client
from tests.support.connections import UNREACHABLE_URL


async def test_200_of_health(client: httpx2.AsyncClient) -> None:
    data, meta = assert_success(await client.get("/health"), "Service is healthy")

    assert meta is None
    assert data == {
        "service": "interview-system",
        "version": contract()["info"]["version"],
        "status": "healthy",
        "environment": "development",
        "model_provider": "scripted",
        "model": "guide-2",
    }


async def test_200_of_readiness(client: httpx2.AsyncClient) -> None:
    data, _ = assert_success(await client.get("/health/ready"), "Ready")

    assert data == {"ready": True, "checks": {"database": "ok", "migrations": "ok", "keys": "ok"}}


async def test_503_of_readiness_and_200_of_health_if_the_database_is_unreachable(settings: Settings) -> None:
    async with open_client(settings, database_url=UNREACHABLE_URL) as client:
        response = await client.get("/health/ready")
        assert (await client.get("/health")).status_code == 200

    envelope = response.json()
    assert (response.status_code, envelope["message"]) == (503, "Not ready")
    assert [error["field"] for error in envelope["errors"]] == ["database", "migrations"]
    assert envelope["data"]["checks"]["keys"] == "ok"
    assert int(response.headers["retry-after"]) >= 1


async def test_503_names_the_number_of_missing_migrations(app: Starlette, client: httpx2.AsyncClient) -> None:
    services = app.state.services
    object.__setattr__(services, "expected_migrations", lambda: ["interviews/new"])
    try:
        response = await client.get("/health/ready")
    finally:
        object.__setattr__(services, "expected_migrations", list)

    assert response.status_code == 503
    assert response.json()["errors"] == [{"field": "migrations", "error": "1 to apply"}]


async def test_200_with_the_six_permissions(client: httpx2.AsyncClient) -> None:
    data, meta = assert_success(await client.get("/interviews/permissions"), "Permissions retrieved successfully")

    assert [each["name"] for each in data["permissions"]] == [
        f"interviews:{right}" for right in ("create", "read", "read_all", "update", "delete", "export")
    ]
    assert all(each["description"] for each in data["permissions"])
    assert meta == {"total_permissions": 6}
