"""Decide which requests exercised their operation, and which were rejected before it."""

from collections import defaultdict

from statuspin.contract.document import Document, Operation
from statuspin.http.exchange import Exchange

TURNED_AWAY = (401, 403, 429)
MISSING = 404
_MOST_WAITING = 2000


def is_success(status: int) -> bool:
    """Return whether a status means success: 1xx, 2xx or 3xx."""
    return status < 400


class Exercise:
    """Holds back requests that got 404 until their operation succeeds once. Before that, the path may not exist."""

    def __init__(self, document: Document) -> None:
        """document: the OpenAPI document. One that documents only 401, 403, 404 or 429 is exercised by them."""
        self._succeeded: set[str] = set()
        self._waiting: defaultdict[str, list[Exchange]] = defaultdict(list)
        self._promises_refusals = {
            operation.id for operation in document.operations.values() if _promises_only_refusals(operation)
        }

    def take(self, operation: Operation, exchange: Exchange) -> list[Exchange]:
        """Take an exchange. Return it and those held back, if they are now known to have exercised the operation."""
        status = exchange.answer.status if exchange.answer else 0
        if operation.id in self._promises_refusals:
            return [exchange]
        if status in TURNED_AWAY:
            return []
        if status == MISSING and operation.id not in self._succeeded:
            if len(self._waiting[operation.id]) < _MOST_WAITING:
                self._waiting[operation.id].append(exchange)
            return []
        if not is_success(status):
            return [exchange]
        self._succeeded.add(operation.id)
        return [*self._waiting.pop(operation.id, ()), exchange]


def _promises_only_refusals(operation: Operation) -> bool:
    promised = [status for status in operation.raw.get("responses") or {} if not status.startswith("x-")]
    return bool(promised) and all(status in map(str, (*TURNED_AWAY, MISSING)) for status in promised)
