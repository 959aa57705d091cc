"""404 and 405 for the paths and methods that are not in the contract."""

from typing import Any

import httpx2
import pytest

from app.openapi import contract
from tests.api.operations import MISSING_ID
from tests.support.actors import Actor
from tests.support.assertions import assert_error, assert_method_not_allowed, assert_path_not_found

HOST = "http://interviews"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"]
PATHS: dict[str, dict[str, Any]] = contract()["paths"]


def _allowed_methods(path: str) -> list[str]:
    return [method for method in METHODS if method.lower() in PATHS[path]]


@pytest.mark.parametrize("path", PATHS)
async def test_405_allows_exactly_the_methods_of_the_contract(client: httpx2.AsyncClient, path: str) -> None:
    url = HOST + path.replace("{interview_id}", MISSING_ID)
    others = [method for method in METHODS if method not in _allowed_methods(path)]
    assert len(others) >= 6

    for method in others:
        response = await client.request(method, url, content=b"{")
        if method == "HEAD":  # has no body
            assert (response.status_code, response.headers["allow"]) == (405, ", ".join(_allowed_methods(path)))
        else:
            assert_method_not_allowed(response, ", ".join(_allowed_methods(path)))


@pytest.mark.parametrize("path", PATHS)
async def test_every_operation_of_the_contract_exists(client: httpx2.AsyncClient, owner: Actor, path: str) -> None:
    for method in _allowed_methods(path):
        response = await client.request(
            method,
            HOST + path.replace("{interview_id}", "invalid-uuid"),
            headers=owner.headers_with("interviews:delete"),
        )
        assert response.status_code in (200, 415, 422)


@pytest.mark.parametrize("name", ["start", "continue", "export"])
@pytest.mark.parametrize("method", ["GET", "PATCH"])
async def test_405_if_the_name_of_an_operation_is_in_the_place_of_an_id(
    client: httpx2.AsyncClient, owner: Actor, name: str, method: str
) -> None:
    response = await client.request(
        method, f"/interviews/{name}", json={"status": "completed"}, headers=owner.headers()
    )

    assert_method_not_allowed(response, "POST")


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "OPTIONS", "FOO"])
@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/nowhere",
        f"/interviews/{MISSING_ID}/",
        f"/interviews/{MISSING_ID}/messages",
        "/interviews//",
        "//interviews",
        "/INTERVIEWS",
        "/auth/login/",
        "/auth/logout",
        "/health/live",
        "/%E2%80%AE",
        "/interview",
        "/health/",
        "/interviews/a/b",
        "/auth",
        "/Health",
        "/..%2f",
    ],
)
async def test_404_for_an_unknown_path(client: httpx2.AsyncClient, owner: Actor, path: str, method: str) -> None:
    response = await client.request(method, f"{HOST}/api/v1{path}", headers=owner.headers(), content=b"{")

    assert_path_not_found(response)


@pytest.mark.parametrize(
    "path", ["/api", "/api/v2/interviews", "/interviews", "/robots.txt", "/docs/", "/metrics", "/favicon.ico"]
)
async def test_404_outside_the_api_is_an_envelope_too(client: httpx2.AsyncClient, path: str) -> None:
    assert_path_not_found(await client.get(HOST + path))


async def test_405_of_a_page_is_an_envelope_too(client: httpx2.AsyncClient) -> None:
    for path in ("/", "/docs", "/openapi.json", "/openapi.yaml"):
        response = await client.delete(HOST + path)
        assert_error(response, 405, "Method not allowed", {"field": "method", "error": ...})
        assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}
