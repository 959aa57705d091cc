"""What a person or a tool reads about the API: the contract, pages made from it, and an interview; all offline."""

import json
from functools import cache

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from app.http.errors import PathNotFound
from app.openapi import contract, contract_text
from app.pages.docs import docs_page
from app.pages.interview import interview_page
from app.pages.refusals import refusals_page
from app.pages.rendering import POLICY, STATIC
from app.state import Services

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


async def contract_as_yaml(request: Request) -> Response:  # noqa: ARG001 - the signature of every page
    """The contract, as it was written."""
    return Response(contract_text(), media_type="application/yaml")


async def contract_as_json(request: Request) -> Response:  # noqa: ARG001 - the signature of every page
    """The contract as JSON."""
    return Response(_contract_json(), media_type="application/json")


def docs(request: Request) -> Response:
    """The operations of the contract, each to be tried from the page."""
    return HTMLResponse(_docs(_offers_demo(request)), headers=_HEADERS)


def refusals(request: Request) -> Response:  # noqa: ARG001 - the signature of every page
    """Which refusal comes first, per operation."""
    return HTMLResponse(_refusals(), headers=_HEADERS)


def root(request: Request) -> Response:
    """An interview where the demo accounts are there to hold it; elsewhere the front door leads to the docs."""
    if not _offers_demo(request):
        return RedirectResponse("/docs", status_code=307)
    services: Services = request.app.state.services
    return HTMLResponse(_interview(services.settings.interviewer == "scripted"), headers=_HEADERS)


async def static_file(request: Request) -> Response:
    """A file that pages load. Raises PathNotFound for a name that is none of theirs."""
    path = STATIC.get(request.path_params["name"])
    if path is None:
        raise PathNotFound
    return FileResponse(path, headers=_HEADERS)


def _offers_demo(request: Request) -> bool:
    services: Services = request.app.state.services
    return services.issuer is not None and bool(services.settings.demo_accounts)


@cache
def _contract_json() -> bytes:
    return json.dumps(contract(), ensure_ascii=False, default=str).encode()


@cache
def _docs(offers_demo: bool) -> str:  # noqa: FBT001 - the key of the cache
    return docs_page(offers_demo=offers_demo)


@cache
def _interview(heeds_stop: bool) -> str:  # noqa: FBT001 - the key of the cache
    return interview_page(heeds_stop=heeds_stop)


_refusals = cache(refusals_page)
