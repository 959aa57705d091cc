"""The OpenAPI document, the documentation pages and the interview page. They load nothing from other hosts."""

import json
from functools import cache, lru_cache

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from app.domain.interview import SHIPPED_GUIDES
from app.http.errors import PathNotFound
from app.openapi import contract, contract_text
from app.pages.docs import render_docs
from app.pages.error_responses import render_error_responses
from app.pages.interview import render_interview, token_origins
from app.pages.rendering import POLICY, STATIC, create_policy
from app.state import Services

_SERVERS = "servers:\n  - url: /\n"
_GUIDES = f"enum: [{', '.join(SHIPPED_GUIDES)}]"

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


async def openapi_yaml(request: Request) -> Response:
    """Return the OpenAPI document as YAML, with its comments.

    Its server is the prefix of the application, and it names the guides of GUIDE_DIR, too.
    """
    text = contract_text().replace(_SERVERS, _SERVERS.replace("/\n", f"{_prefix(request) or '/'}\n"), 1)
    text = text.replace(_GUIDES, f"enum: [{', '.join(_guides(request))}]", 1)
    return Response(text, media_type="application/yaml")


async def openapi_json(request: Request) -> Response:
    """Return the same document as JSON."""
    return Response(_openapi_json(_prefix(request) or "/", _guides(request)), media_type="application/json")


def docs(request: Request) -> Response:
    """Return the page that documents the operations and sends requests to them."""
    services: Services = request.app.state.services
    return HTMLResponse(_render_docs(services.issuer is not None, _offers_demo(request)), headers=_HEADERS)


def error_responses(request: Request) -> Response:  # noqa: ARG001 - every page takes the request
    """Return the page that lists the error responses of every operation in order of precedence."""
    return HTMLResponse(_render_error_responses(), headers=_HEADERS)


def redirect_error_responses(request: Request) -> Response:
    """Redirect from the page's former path."""
    return RedirectResponse(f"{_prefix(request)}/docs/errors", status_code=308)


def root(request: Request) -> Response:
    """Return the interview page. Redirect to the documentation if people cannot log in on it."""
    services: Services = request.app.state.services
    if services.issuer is None and services.settings.oidc_client_id is None:
        return RedirectResponse(f"{_prefix(request)}/docs", status_code=307)
    policy = create_policy(*token_origins(services.settings))
    page = render_interview(services.settings, services.guides, offers_demo=_offers_demo(request))
    return HTMLResponse(page, headers={**_HEADERS, "Content-Security-Policy": policy})


async def static_file(request: Request) -> Response:
    """Return a style sheet, script or image of the pages. Raises PathNotFound."""
    path = STATIC.get(request.path_params["name"])
    if path is None:
        raise PathNotFound
    return FileResponse(path, headers=_HEADERS)


def _prefix(request: Request) -> str:
    """Return the path below which the application is mounted or proxied, without a slash at the end."""
    prefix: str = request.scope.get("root_path", "")
    return prefix.rstrip("/")


def _guides(request: Request) -> tuple[str, ...]:
    services: Services = request.app.state.services
    return tuple(services.guides.languages)


def _offers_demo(request: Request) -> bool:
    services: Services = request.app.state.services
    return services.issuer is not None and bool(services.settings.demo_accounts)


@lru_cache(maxsize=8)
def _openapi_json(server: str, guides: tuple[str, ...]) -> bytes:
    document = {**contract(), "servers": [{"url": server}]}
    text = json.dumps(document, ensure_ascii=False, default=str)
    return text.replace(json.dumps(SHIPPED_GUIDES), json.dumps(guides), 1).encode()


@cache
def _render_docs(offers_login: bool, offers_demo: bool) -> str:  # noqa: FBT001 - `cache` needs positional arguments
    return render_docs(offers_login=offers_login, offers_demo=offers_demo)


_render_error_responses = cache(render_error_responses)
