"""List the operations, webhooks and callbacks of both documents, with their requests and responses."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from statuspin.diff.matching import Match, find_webhooks
from statuspin.diff.operation_side import OperationSide
from statuspin.diff.rule import Change
from statuspin.diff.schema.reader import SchemaReader


@dataclass(frozen=True)
class Exchange:
    """A request and its responses in both documents. A side is missing if `change` removes or adds it.

    operation: its name in findings. prefix: the prefix of places, if it belongs to another operation.
    """

    operation: str
    prefix: str
    old: OperationSide | None
    new: OperationSide | None
    change: Change | None = None


def exchanges(match: Match, old: SchemaReader, new: SchemaReader) -> Iterator[Exchange]:
    """Yield operations of both documents with their callbacks, then webhooks."""
    for before, after in match.both:
        exchange = Exchange(before.id, "", OperationSide(old, before), OperationSide(new, after))
        yield exchange
        yield from _callbacks(exchange)
    one, other = find_webhooks(old), find_webhooks(new)
    for key in sorted(one.keys() | other.keys()):
        first, second = one.get(key), other.get(key)
        yield Exchange(
            f"webhook {key[0]} {key[1].upper()}", "", first, second, _presence("webhook", key, first, second)
        )


def _callbacks(parent: Exchange) -> Iterator[Exchange]:
    assert parent.old is not None and parent.new is not None  # noqa: S101, PT018
    one, other = parent.old.callbacks, parent.new.callbacks
    for name in sorted(one.keys() | other.keys()):
        before, after = one.get(name, {}), other.get(name, {})
        for key in sorted(before.keys() | after.keys()):
            first, second = before.get(key), after.get(key)
            prefix = f"callback {name} {key[1].upper()}"
            prefix += f" {key[0]}" if len(before.keys() | after.keys()) > 1 else ""
            yield Exchange(parent.operation, prefix, first, second, _presence("callback", key, first, second))


def _presence(kind: str, key: tuple[str, str], old: Any, new: Any) -> Change | None:
    if old is not None and new is not None:
        return None
    label = f"{key[1].upper()} {key[0]}"
    if old is None:
        return Change(f"{kind}-added", "", "not there", label)
    return Change(f"{kind}-removed", "", label, "removed")
