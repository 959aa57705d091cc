"""What a later release may add to a path: a method. What an earlier one promised of its absence is outgrown by that."""

from collections.abc import Mapping
from dataclasses import replace

from statuspin.contract.document import Document
from statuspin.contract.folder import Contract
from statuspin.contract.pins import OperationPins, Row

_NO_SUCH_METHOD = 405
_ALLOW = "allow"


def gained(old: Document, new: Document) -> dict[str, frozenset[str]]:
    """The methods (`DELETE`) that each path of `old`, told by its bare path, has in `new` alone."""
    before, after = _methods(old), _methods(new)
    return {path: more for path, methods in before.items() if (more := after.get(path, frozenset()) - methods)}


def grown(old: Contract, new: Document) -> Contract:
    """`old` as it is to be kept by what has grown to `new`.

    A row that promises 405 for a method which the path has come to have is left out; where another method of such a
    path is refused, `Allow` may name any.
    """
    more = gained(old.document, new)
    if not more:
        return old
    paths = {operation.id: operation.bare_path for operation in old.document.operations.values()}
    pins = {name: _grown(operation, more.get(paths[name], frozenset())) for name, operation in old.pins.pins.items()}
    return replace(old, pins=old.pins.model_copy(update={"pins": pins}))


def _methods(document: Document) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for operation in document.operations.values():
        path = operation.bare_path
        found[path] = found.get(path, frozenset()) | {operation.method.upper()}
    return found


def _grown(operation: OperationPins, more: frozenset[str]) -> OperationPins:
    if not more:
        return operation
    rows = tuple(_any_allowed(row) for row in operation.rows if not _outgrown(row, more))
    return operation.model_copy(update={"rows": rows})


def _outgrown(row: Row, more: frozenset[str]) -> bool:
    return row.answer == _NO_SUCH_METHOD and row.request.method in more


def _any_allowed(row: Row) -> Row:
    if row.answer != _NO_SUCH_METHOD:
        return row
    headers = {name: "*" if name.lower() == _ALLOW else value for name, value in row.headers.items()}
    return row.model_copy(update={"headers": headers})
