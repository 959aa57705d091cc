"""Operation flows: requests that use the values which a link takes from an earlier response."""

import re
from collections import defaultdict, deque
from typing import Any
from urllib.parse import unquote

from statuspin.contract.document import Document, Operation, find_response
from statuspin.coverage.elements import path_values
from statuspin.http.exchange import Exchange

_EXPRESSION = re.compile(r"\$(?:response|request)\.[\w.#/~-]+")
_KEPT = 500
"""The number of recent responses per link whose values are remembered."""

Flow = tuple[str, str, str]
"""A link: its operation, status and name."""


class Flows:
    """The links of a document. followed: those that a request has followed."""

    def __init__(self, document: Document) -> None:
        """document: the OpenAPI document, whose responses may have links."""
        self._document = document
        self._links: dict[tuple[str, str], dict[Flow, tuple[str, list[str]]]] = defaultdict(dict)
        self._waiting: dict[str, dict[Flow, deque[frozenset[str]]]] = defaultdict(dict)
        by_reference = {f"#/paths/{o.path.replace('/', '~1')}/{o.method}": o.id for o in document.operations.values()}
        for operation in document.operations.values():
            for status, response in (operation.raw.get("responses") or {}).items():
                for name, raw in ((document.resolve(response) or {}).get("links") or {}).items():
                    link = document.resolve(raw)
                    target = link.get("operationId") or by_reference.get(unquote(link.get("operationRef", "")), "")
                    flow = (operation.id, status, name)
                    self._links[operation.id, status][flow] = (target, _expressions(link))
        self.followed: set[Flow] = set()

    @property
    def all(self) -> set[Flow]:
        """All links of the document."""
        return {flow for links in self._links.values() for flow in links}

    def see(self, exchange: Exchange) -> list[Flow]:
        """Take an exchange. Return the links that its request is the first to follow."""
        followed = self._follow(exchange)
        self.followed.update(followed)
        self._remember(exchange)
        return followed

    def _remember(self, exchange: Exchange) -> None:
        operation = self._document.operations.get(exchange.operation)
        if operation is None or exchange.answer is None:
            return
        status = find_response(operation.raw.get("responses") or {}, exchange.answer.status)
        for flow, (target, expressions) in self._links.get((operation.id, status or ""), {}).items():
            if flow not in self.followed:
                found = [_evaluate(expression, operation, exchange) for expression in expressions]
                waiting = self._waiting[target].setdefault(flow, deque(maxlen=_KEPT))
                if None not in found:
                    waiting.append(frozenset(str(value) for value in found))

    def _follow(self, exchange: Exchange) -> list[Flow]:
        waiting = self._waiting.get(exchange.operation)
        if not waiting:
            return []
        sent = _sent_values(exchange)
        followed = [flow for flow, known in waiting.items() if any(_has_all(sent, wanted) for wanted in known)]
        for flow in followed:
            del waiting[flow]
        return followed


def _expressions(link: dict[str, Any]) -> list[str]:
    values = [*(link.get("parameters") or {}).values(), link.get("requestBody")]
    return [found for value in values for text in _leaves(value) for found in _EXPRESSION.findall(str(text))]


def _has_all(sent: set[str], wanted: frozenset[str]) -> bool:
    return all(any(value == each or f" {value}" in each for each in sent) for value in wanted)


def _sent_values(exchange: Exchange) -> set[str]:
    sent = exchange.sent
    values = {unquote(part) for part in sent.path.split("/")}
    values |= {value for _, value in sent.query} | set(sent.headers.values())
    return values | {str(leaf) for leaf in _leaves(sent.json)}


def _leaves(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return [leaf for child in node.values() for leaf in _leaves(child)]
    if isinstance(node, list):
        return [leaf for child in node for leaf in _leaves(child)]
    return [node]


def _evaluate(expression: str, operation: Operation, exchange: Exchange) -> Any:
    """Return the value of an OpenAPI runtime expression, or None if it has no value or its kind is not supported."""
    source, _, rest = expression.removeprefix("$").partition(".")
    body = exchange.sent.json if source == "request" else exchange.answer.json if exchange.answer else None
    headers = exchange.sent.headers if source == "request" else exchange.answer.headers if exchange.answer else {}
    if rest.startswith("body#"):
        return _resolve_pointer(body, rest.removeprefix("body#"))
    if rest.startswith("header."):
        return headers.get(rest.removeprefix("header.").lower())
    if rest.startswith("query."):
        return dict(exchange.sent.query).get(rest.removeprefix("query."))
    if rest.startswith("path."):
        return path_values(operation, exchange.sent.path).get(rest.removeprefix("path."))
    return None


def _resolve_pointer(body: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(body, list) and key.isdigit() and int(key) < len(body):
            body = body[int(key)]
        elif isinstance(body, dict):
            body = body.get(key)
        else:
            return None
    return body
