"""The contract as YAML, JSON and pages, and the interview page."""

import html
import json
import re
from urllib.parse import urljoin

import httpx2
import pytest
import yaml
from starlette.applications import Starlette
from starlette.routing import Mount

from app.application import create_app
from app.interviewer.scripted import ScriptedInterviewer
from app.openapi import contract, contract_text
from app.pages.rendering import STATIC
from app.settings import Settings
from tests.support.assertions import assert_path_not_found
from tests.support.clients import open_client

HOST = "http://interviews"
HTML = "text/html; charset=utf-8"
PAGES = {
    "/openapi.json": "application/json",
    "/openapi.yaml": "application/yaml",
    "/docs": HTML,
    "/docs/errors": HTML,
}
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@pytest.fixture
async def demo_client(settings: Settings):
    """A client of a service with the demo accounts."""
    async with open_client(settings, demo_accounts=True) as client:
        yield client


@pytest.mark.parametrize("path", [*PAGES, "/static/base.css"])
async def test_200_without_a_token_and_without_a_database(
    client_without_database: httpx2.AsyncClient, path: str
) -> None:
    page = await client_without_database.get(HOST + path)
    head = await client_without_database.head(HOST + path)

    assert (page.status_code, page.headers["content-type"]) == (200, PAGES.get(path, "text/css; charset=utf-8"))
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(page.content)))
    assert page.headers["x-request-id"]


async def test_200_as_json_equals_the_contract(client: httpx2.AsyncClient) -> None:
    served = json.loads((await client.get(f"{HOST}/openapi.json")).text)

    assert served["openapi"].startswith("3.1")
    assert served["info"]["version"] == "1.4.0"
    assert served == json.loads(json.dumps(contract(), default=str))


async def test_200_as_yaml_is_the_file_of_the_contract(client: httpx2.AsyncClient) -> None:
    assert (await client.get(f"{HOST}/openapi.yaml")).text == contract_text()


async def test_200_at_the_root_with_an_empty_login_without_demo_accounts(client: httpx2.AsyncClient) -> None:
    page = await client.get(f"{HOST}/")

    assert page.status_code == 200
    assert '<input id="email" type="email" autocomplete="username" required>' in page.text
    assert "data-password" not in page.text + (await client.get(f"{HOST}/docs")).text


async def test_307_from_the_root_with_an_external_issuer_at_which_the_page_is_no_client(settings: Settings) -> None:
    changes = {"demo_accounts": True, "jwt_jwks_url": "http://127.0.0.1:1/keys"}
    async with open_client(settings, **changes) as client:
        response = await client.get(f"{HOST}/")
        assert (response.status_code, response.headers["location"]) == (307, "/docs")
        assert "data-password" not in (await client.get(f"{HOST}/docs")).text


async def test_200_at_the_root_with_an_external_issuer_allows_requests_to_its_token_endpoint(
    settings: Settings,
) -> None:
    changes = {
        "jwt_jwks_url": "http://127.0.0.1:1/keys",
        "oidc_authorization_url": "https://login.example/authorize",
        "oidc_token_url": "https://login.example:8443/token",
        "oidc_client_id": 'interviews"<',
    }
    async with open_client(settings, **changes) as client:
        page = await client.get(f"{HOST}/")

    assert page.status_code == 200
    assert "connect-src 'self' https://login.example:8443;" in page.headers["content-security-policy"]
    assert "password" not in page.text
    oidc = json.loads(html.unescape(re.findall(r'data-oidc="([^"]*)"', page.text)[0]))
    assert oidc == {
        "authorization": "https://login.example/authorize",
        "token": "https://login.example:8443/token",
        "client": 'interviews"<',
        "scope": "openid profile email",
        "resource": None,
    }


async def test_308_from_the_former_path_of_the_error_responses(client: httpx2.AsyncClient) -> None:
    response = await client.get(f"{HOST}/docs/refusals")

    assert (response.status_code, response.headers["location"]) == (308, "/docs/errors")


async def test_200_at_the_root_with_demo_accounts(demo_client: httpx2.AsyncClient) -> None:
    page = await demo_client.get(f"{HOST}/")

    assert (page.status_code, page.headers["content-type"]) == (200, HTML)
    assert 'value="user@example.com"' in page.text
    assert 'data-email="admin@example.com"' in (await demo_client.get(f"{HOST}/docs")).text


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/errors"])
async def test_200_of_a_page_allows_only_files_of_the_service(demo_client: httpx2.AsyncClient, path: str) -> None:
    page = await demo_client.get(HOST + path)

    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["content-security-policy"].split(";"))
    assert policy == POLICY
    assert page.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<style|<iframe|\bstyle=|\bon\w+=|javascript:|<script[^>]*>[^<]", page.text)
    loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]*)"', page.text)
    assert loaded
    assert {urljoin(path, each).removeprefix("/static/") for each in loaded} <= set(STATIC)
    without_examples = re.sub(r"<pre.*?</pre>", "", page.text, flags=re.DOTALL)  # BPMN names its namespaces.
    assert "://" not in without_examples.replace("http://127.0.0.1", "")


@pytest.mark.parametrize("name", sorted(STATIC))
async def test_200_of_every_static_file(client: httpx2.AsyncClient, name: str) -> None:
    file = await client.get(f"{HOST}/static/{name}")

    assert (file.status_code, file.headers["content-type"]) == (200, TYPES[STATIC[name].suffix])
    assert file.content == STATIC[name].read_bytes()
    assert file.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\(", file.text)


async def test_200_of_the_docs_contains_every_operation_with_its_form(client: httpx2.AsyncClient) -> None:
    page = await client.get(f"{HOST}/docs")

    for path, item in contract()["paths"].items():
        for method in item.keys() & {"get", "post", "patch"}:
            name = item[method]["operationId"]
            assert (
                page.text.count(f'<h3 id="{name}"><b class="{method}">{method.upper()}</b> <code>{path}</code></h3>')
                == 1
            )
            assert page.text.count(f'<form data-method="{method.upper()}" data-path="{path}"') == 1


async def test_200_at_the_root_offers_to_stop_with_every_interviewer(
    demo_client: httpx2.AsyncClient, settings: Settings
) -> None:
    llm_settings = settings.model_copy(update={"interviewer": "llm"})
    async with open_client(llm_settings, ScriptedInterviewer(), demo_accounts=True) as client:
        page = await client.get(f"{HOST}/")

    assert 'data-text="stop"' in (await demo_client.get(f"{HOST}/")).text
    assert page.status_code == 200
    assert 'data-text="stop"' in page.text


async def test_404_for_an_unknown_page(client: httpx2.AsyncClient) -> None:
    paths = ("/redoc", "/swagger", "/openapi", "/docs/index.html", "/pages/docs.css")
    others = ("/static", "/static/", "/static/none.css", "/static/..%2Frendering.py", "/static/docs.html")
    for path in paths + others:
        assert_path_not_found(await client.get(HOST + path))


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/errors", "/static/base.css"])
async def test_405_for_a_post_to_a_page(client: httpx2.AsyncClient, path: str) -> None:
    response = await client.post(HOST + path)

    assert (response.status_code, response.json()["message"]) == (405, "Method not allowed")
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize("root_path", ["", "/svc", "/a/b"])
async def test_every_link_of_the_pages_works_below_a_prefix(settings: Settings, root_path: str) -> None:
    inner = create_app(settings.model_copy(update={"demo_accounts": True}))
    outer = Starlette(routes=[Mount(root_path or "/", inner)])
    links: set[str] = set()
    async with inner.router.lifespan_context(inner):
        transport = httpx2.ASGITransport(outer)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            for page in ("/", "/docs", "/docs/errors"):
                response = await client.get(root_path + page)
                assert response.status_code == 200
                for link in re.findall(r'(?:href|src)="([^"#]+)"', response.text):
                    links.add(urljoin(str(response.url), link).partition("#")[0])
            statuses = {link: (await client.get(link)).status_code for link in links}
            moved = await client.get(f"{root_path}/docs/refusals")
            servers = (await client.get(f"{root_path}/openapi.json")).json()["servers"]
            text = (await client.get(f"{root_path}/openapi.yaml")).text

    assert len(statuses) >= 10
    assert {link for link, status in statuses.items() if status != 200} == set()
    assert all(link.startswith(f"http://test{root_path}/") for link in statuses)
    assert moved.headers["location"] == f"{root_path}/docs/errors"
    assert servers == [{"url": root_path or "/"}]
    assert yaml.safe_load(text)["servers"] == servers
