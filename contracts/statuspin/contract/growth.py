"""Adapt the pins of an earlier release to methods that a later release added to its paths."""

from collections.abc import Mapping
from dataclasses import replace

from statuspin.contract.document import Document
from statuspin.contract.folder import Contract
from statuspin.contract.pins import OperationPins, Row

_NO_SUCH_METHOD = 405
_ALLOW = "allow"


def find_added_methods(old: Document, new: Document) -> dict[str, frozenset[str]]:
    """Return the methods, such as `DELETE`, that only `new` has on each path of `old`, by bare path."""
    before, after = _methods_by_path(old), _methods_by_path(new)
    return {path: more for path, methods in before.items() if (more := after.get(path, frozenset()) - methods)}


def adapt_to_growth(old: Contract, new: Document) -> Contract:
    """Return `old` without the pins that the added methods of `new` invalidate.

    Rows that promise 405 for an added method are removed. Other 405 rows of such a path accept any `Allow` header.
    """
    more = find_added_methods(old.document, new)
    if not more:
        return old
    paths = {operation.id: operation.bare_path for operation in old.document.operations.values()}
    pins = {
        name: _adapt_operation(operation, more.get(paths[name], frozenset()))
        for name, operation in old.pins.pins.items()
    }
    return replace(old, pins=old.pins.model_copy(update={"pins": pins}))


def _methods_by_path(document: Document) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for operation in document.operations.values():
        path = operation.bare_path
        found[path] = found.get(path, frozenset()) | {operation.method.upper()}
    return found


def _adapt_operation(operation: OperationPins, more: frozenset[str]) -> OperationPins:
    if not more:
        return operation
    rows = tuple(_accept_any_allow(row) for row in operation.rows if not _is_obsolete(row, more))
    return operation.model_copy(update={"rows": rows})


def _is_obsolete(row: Row, more: frozenset[str]) -> bool:
    return row.answer == _NO_SUCH_METHOD and row.request.method in more


def _accept_any_allow(row: Row) -> Row:
    if row.answer != _NO_SUCH_METHOD:
        return row
    headers = {name: "*" if name.lower() == _ALLOW else value for name, value in row.headers.items()}
    return row.model_copy(update={"headers": headers})
