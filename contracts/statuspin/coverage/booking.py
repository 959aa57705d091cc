"""Find the operation that a response belongs to: the one whose method was sent, even if another row sent it."""

from dataclasses import replace

from statuspin.contract.document import Document, Operation
from statuspin.http.exchange import Exchange

METHOD_REFUSED = (405, 501)
_IMPLICIT = ("OPTIONS", "HEAD")


class Booking:
    """Finds the operations of exchanges. unsupported: method and path by name, for methods that the document lacks."""

    def __init__(self, document: Document) -> None:
        """document: the OpenAPI document, which lists the methods of each path."""
        self._document = document
        self._by_path: dict[str, dict[str, Operation]] = {}
        for operation in document.operations.values():
            self._by_path.setdefault(operation.path, {})[operation.method.upper()] = operation
        self.unsupported: dict[str, tuple[str, str]] = {}

    def find(self, name: str, method: str, status: int | None = None) -> Operation | None:
        """Return the operation of a request, or None if the document does not have one.

        An operation that documents 405 or 501 promises it for the methods that its path lacks, so these responses
        belong to that operation. name: an operation with the path of the request. method: the request's method.
        status: the status of the response, or None if there was no response.
        """
        operation = self._document.operations.get(name)
        if operation is None or operation.method.upper() == method.upper():
            return operation
        other = self._by_path[operation.path].get(method.upper())
        promises = operation.raw.get("responses") or {}
        if other is None and status in METHOD_REFUSED and str(status) in promises:
            return operation
        return other

    def book(self, exchange: Exchange) -> Exchange:
        """Return the exchange with the name of its operation, or with `PUT /path` if the document lacks the method."""
        method = exchange.sent.method.upper()
        sent_for = self._document.operations.get(exchange.operation)
        found = self.find(exchange.operation, method, exchange.answer.status if exchange.answer else None)
        if sent_for is None or found is sent_for:
            return exchange
        if found is not None:
            return replace(exchange, operation=found.id)
        row = f"{method} {sent_for.path}"
        self.unsupported[row] = (method, sent_for.path)
        return replace(exchange, operation=row)

    def is_implicit(self, method: str, path: str) -> bool:
        """Return whether frameworks add the method without a route: OPTIONS, and HEAD if the path has GET."""
        return method in _IMPLICIT and (method == "OPTIONS" or "GET" in self._by_path.get(path, {}))
