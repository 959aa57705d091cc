"""The contract as YAML, as JSON and as a page: served without token and database, and safe to open."""

import base64
import hashlib
import json
import re

import httpx
import pytest

from app.contract_file import contract, contract_text
from tests.support import assertions as then

HOST = "http://interviews"
PAGES = {
    "/openapi.json": "application/json",
    "/openapi.yaml": "application/yaml",
    "/docs": "text/html; charset=utf-8",
}


@pytest.mark.parametrize("path", PAGES)
async def test_200_without_token_and_database(adrift: httpx.AsyncClient, path: str) -> None:
    page = await adrift.get(HOST + path)
    head = await adrift.head(HOST + path)

    assert (page.status_code, page.headers["content-type"]) == (200, PAGES[path])
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(page.content)))
    assert page.headers["x-request-id"]


async def test_200_as_json_says_what_the_contract_says(client: httpx.AsyncClient) -> None:
    served = json.loads((await client.get(f"{HOST}/openapi.json")).text)

    assert served["openapi"].startswith("3.1")
    assert served["info"]["version"] == "1.3.0"
    assert served == json.loads(json.dumps(contract(), default=str))


async def test_200_as_yaml_is_the_contract_as_it_was_written(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{HOST}/openapi.yaml")).text == contract_text()


async def test_307_from_the_front_door_to_the_docs(client: httpx.AsyncClient) -> None:
    response = await client.get(f"{HOST}/")

    assert (response.status_code, response.headers["location"]) == (307, "/docs")


async def test_200_of_the_docs_lets_the_page_load_nothing_but_its_own_style(client: httpx.AsyncClient) -> None:
    page = await client.get(f"{HOST}/docs")

    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["content-security-policy"].split(";"))
    (style,) = re.findall(r"<style>(.*?)</style>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert page.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<script|<link|<img|<iframe|\bstyle=|\bon\w+=|javascript:", page.text)


async def test_200_of_the_docs_names_every_operation_and_no_address(client: httpx.AsyncClient) -> None:
    page = await client.get(f"{HOST}/", follow_redirects=True)

    assert page.url.path == "/docs"
    for path, item in contract()["paths"].items():
        for method in item.keys() & {"get", "post", "patch"}:
            assert f"<b>{method.upper()}</b> {path}" in page.text
    assert "src=" not in page.text
    assert "http" not in page.text.replace("HTTP", "").split("<style>")[0]


async def test_404_of_a_page_that_is_none(client: httpx.AsyncClient) -> None:
    for path in ("/redoc", "/swagger", "/openapi", "/docs/index.html", "/pages/docs.css"):
        then.path_not_found(await client.get(HOST + path))
