"""Create rows from recorded requests: their operation, request values and response status."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from statuspin.contract.document import Document, Operation, find_response
from statuspin.contract.security import security_schemes
from statuspin.coverage.elements import parameters, path_values
from statuspin.http.redaction import Redaction
from statuspin.http.values import literal
from statuspin.traffic.files import Recorded

_FORM = "application/x-www-form-urlencoded"


@dataclass
class Rows:
    """Rows by operation. left_out: the number of requests without a row, by reason."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """The number of rows."""
        return sum(map(len, self.rows.values()))

    def leave_out(self, reason: str) -> None:
        """Count a request without a row."""
        self.left_out[reason] = self.left_out.get(reason, 0) + 1


def create_rows(document: Document, traffic: Iterable[Recorded], redaction: Redaction) -> Rows:
    """Return the distinct rows of the requests that belong to an operation of the document.

    A secret is replaced by the name of an environment variable, `${PASSWORD}`.
    """
    created = Rows()
    for recorded in traffic:
        path = urlsplit(recorded.url).path
        operation = find_operation(document, recorded.method, path)
        if operation is None:
            created.leave_out(f"{recorded.method} {path}: openapi.yaml has no such operation")
        elif find_response(operation.raw.get("responses", {}), recorded.status) is None:
            created.leave_out(f"{operation.id}: openapi.yaml does not name {recorded.status}")
        else:
            row = _row(document, operation, recorded, redaction)
            known = created.rows.setdefault(operation.id, [])
            if row not in [{**each, "input": row["input"]} for each in known]:
                known.append({**row, "input": f"recorded {len(known) + 1}"})
    return created


def find_operation(document: Document, method: str, path: str) -> Operation | None:
    """Return the operation of a request under any base path: the one with the most literal path, or None."""
    found = [
        operation
        for operation in document.operations.values()
        if operation.method.upper() == method and re.search(f"{_pattern(operation.path)}/?$", path)
    ]
    return max(found, key=lambda operation: len(re.sub(r"\{[^}]*\}", "", operation.path)), default=None)


def _pattern(template: str) -> str:
    parts = re.split(r"(\{[^}]*\})", template.rstrip("/"))
    return "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts) or "^"


def _row(document: Document, operation: Operation, recorded: Recorded, redaction: Redaction) -> dict[str, Any]:
    described = {(each.get("in"), str(each.get("name")).lower()): each for each in parameters(document, operation)}
    schemes = [each for each in security_schemes(document).values() if each.kind == "apiKey"]
    keys = {(each.place, each.parameter.lower()) for each in schemes}
    target = urlsplit(recorded.url)
    path = path_values(operation, target.path.rstrip("/") or "/")
    query = dict(parse_qsl(target.query, keep_blank_values=True))
    headers = {name: value for name, value in recorded.headers.items() if ("header", name) in described}
    sent = {
        "path": {
            name: _convert_path_value(described.get(("path", name.lower())), value) for name, value in path.items()
        },
        "query": {name: value for name, value in query.items() if ("query", name.lower()) not in keys},
        "headers": {name: value for name, value in headers.items() if ("header", name) not in keys},
        **_body(recorded),
    }
    authenticated = bool({"authorization", "cookie"} & recorded.headers.keys()) or any(
        name in (recorded.headers if place == "header" else {key.lower() for key in query}) for place, name in keys
    )
    row = {"actor": "caller" if authenticated else "anonymous", "input": "recorded"}
    parts = {name: literal(part) for name, part in sent.items() if part not in ({}, None)}
    request = _redact(parts, redaction)
    return row | ({"with": request} if request else {}) | {"answer": recorded.status}


def _convert_path_value(parameter: dict[str, Any] | None, value: str) -> Any:
    """Return a path value as an integer if its schema has that type."""
    schema = (parameter or {}).get("schema")
    kind = schema.get("type") if isinstance(schema, dict) else None
    return int(value) if kind == "integer" and re.fullmatch(r"-?[0-9]{1,18}", value) else value


def _body(recorded: Recorded) -> dict[str, Any]:
    if recorded.body is None:
        return {}
    media_type = recorded.headers.get("content-type", "").partition(";")[0].strip().lower()
    text = recorded.body.decode("utf-8", "replace")
    if media_type == _FORM:
        return {"body": dict(parse_qsl(text, keep_blank_values=True))}
    try:
        return {"body": json.loads(text)}
    except (ValueError, RecursionError):
        return {"raw": text, **({"media_type": media_type} if media_type else {})}


def _redact(node: Any, redaction: Redaction) -> Any:
    if isinstance(node, dict):
        return {name: _redact_member(name, value, redaction) for name, value in node.items()}
    if isinstance(node, list):
        return [_redact(each, redaction) for each in node]
    return redaction.text(node) if isinstance(node, str) else node


def _redact_member(name: str, value: Any, redaction: Redaction) -> Any:
    is_secret = isinstance(value, str) and redaction.is_secret(name)
    return _variable(name) if is_secret else _redact(value, redaction)


def _variable(name: str) -> str:
    return "${" + re.sub(r"\W", "_", name).upper() + "}"


def describe_left_out(rows: Rows) -> Iterator[str]:
    """Yield a line for each reason why requests have no row."""
    for reason, count in rows.left_out.items():
        yield f"{reason} ({count} requests)" if count > 1 else reason
