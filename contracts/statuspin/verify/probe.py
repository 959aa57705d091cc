"""Probe a URL before a run: does the API of the contract respond there?"""

from statuspin.contract.base_paths import add_base_paths
from statuspin.contract.document import Operation
from statuspin.contract.folder import Contract
from statuspin.contract.steps import Request
from statuspin.errors import CannotRun
from statuspin.http.building import build_request
from statuspin.http.client import Client
from statuspin.http.conformance import Conformance
from statuspin.http.connection import Connection
from statuspin.http.credentials import ANONYMOUS
from statuspin.http.failures import CANNOT_CONNECT, CLOSED, NO_RESPONSE_IN_TIME
from statuspin.http.redaction import Redaction

_MOST_ASKED = 3


async def ensure_api_responds(contract: Contract, url: str, connection: Connection) -> None:
    """Send up to three GET requests that need no path parameter, until the server responds.

    Raises CannotRun if it does not respond, if the response is an undocumented web page, or if the URL lacks a base
    path of the document's `servers`.
    """
    operations = _find_simple_gets(contract)[:_MOST_ASKED]
    if not operations:
        return
    shown = Redaction.from_contract(contract).text(url)
    async with Client(url, connection) as client:
        for operation in operations:
            exchange = await client.send(operation, build_request(operation, Request(), ANONYMOUS, {}))
            if exchange.answer is not None or exchange.failure != NO_RESPONSE_IN_TIME:
                break
    answer = exchange.answer
    if answer is None:
        raise CannotRun(
            f"{shown}: {exchange.failure} (request: {operation.label}){_suggest_fix(exchange.failure, url)}"
        )
    if answer.status == 404:
        await _ensure_no_base_path(contract, operation, url, connection)
    promised = Conformance(contract.document).response_for(operation, answer.status)
    media_types = list((promised or {}).get("content") or {})
    if answer.media_type == "text/html" and answer.media_type not in media_types:
        raise CannotRun(
            f"{shown}: {operation.label} returns a web page (text/html); is this the URL of the API, or of its website?"
        )


def _suggest_fix(failure: str, url: str) -> str:
    if failure in (NO_RESPONSE_IN_TIME, CANNOT_CONNECT):
        return "; is the server running, and is the URL correct?"
    if failure == CLOSED and url.startswith("https:"):  # the TLS 1.3 alert is lost if the server closes immediately
        return "; if the server asks for a client certificate, pass one with --cert and --key"
    return ""


async def _ensure_no_base_path(contract: Contract, operation: Operation, url: str, connection: Connection) -> None:
    """Raise CannotRun if the operation exists only below a base path of the document's `servers`."""
    for other in add_base_paths(contract.document, url):
        async with Client(other, connection) as client:
            answer = (await client.send(operation, build_request(operation, Request(), ANONYMOUS, {}))).answer
        if answer is not None and answer.status != 404:
            hide = Redaction.from_contract(contract)
            raise CannotRun(
                f"{hide.text(url)}: {operation.label} returns 404; `servers` of the document has a base path:"
                f" try --url {hide.text(other)}"
            )


def _find_simple_gets(contract: Contract) -> list[Operation]:
    """Return the GET operations without path parameters, with the service's readiness check first."""
    ready = contract.pins.service.ready if contract.pins.service else ""
    gets = [each for each in contract.document.operations.values() if each.method == "get" and "{" not in each.path]
    return sorted(gets, key=lambda each: each.path != ready)
