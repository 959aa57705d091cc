"""Whether there is an API of this kind at a URL, before anything else is sent there."""

from statuspin.contract.document import Operation
from statuspin.contract.folder import Contract
from statuspin.contract.steps import Request
from statuspin.errors import CannotRun
from statuspin.http.client import Client, build_request
from statuspin.http.conformance import Conformance
from statuspin.http.redaction import Redaction

_SECONDS = 30.0


async def ensure_speaks(contract: Contract, url: str, seconds: float) -> None:
    """Ask one GET and raise CannotRun where nobody answers, or somebody who speaks another language."""
    operation = _plainest(contract)
    if operation is None:
        return
    async with Client(url, timeout=min(seconds, _SECONDS)) as client:
        exchange = await client.send(operation, build_request(operation, Request(), None, {}))
    url = Redaction(contract.pins.redact).text(url)
    if exchange.answer is None:
        raise CannotRun(
            f"{url}: {exchange.failure} ({operation.label} was asked); is the server up, and the URL right?"
        )
    promised = Conformance(contract.document).promised(operation, exchange.answer.status)
    media_types = list((promised or {}).get("content") or {})
    said = exchange.answer.media_type
    if said == "text/html" and said not in media_types:
        raise CannotRun(
            f"{url}: {operation.label} is answered with a web page (text/html); is it the API, and not its site?"
        )


def _plainest(contract: Contract) -> Operation | None:
    """A GET that needs no value in its path; the one that the subject is known to be ready by, where that is one."""
    ready = contract.pins.subject.ready if contract.pins.subject else ""
    gets = [each for each in contract.document.operations.values() if each.method == "get" and "{" not in each.path]
    return next((each for each in gets if each.path == ready), gets[0] if gets else None)
