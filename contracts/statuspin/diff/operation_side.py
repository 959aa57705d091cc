"""An operation of one document, with the parts that rules compare."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from statuspin.contract.document import Operation, operations_of
from statuspin.diff.rule import RuleResult, RuleSet
from statuspin.diff.schema.reader import SchemaReader
from statuspin.diff.schema.schema import SchemaNode


@dataclass(frozen=True)
class OperationSide:
    """An operation of one document. References are followed.

    is_received: whether clients receive the request, as with webhooks and callbacks.
    """

    reader: SchemaReader
    operation: Operation
    is_received: bool = False

    def resolved(self, node: Any) -> dict[str, Any]:
        """Return `node` or the target of its $ref, empty if that is not an object."""
        found = self.reader.document.resolve(node)
        return found if isinstance(found, dict) else {}

    def mapping(self, node: Any) -> dict[str, dict[str, Any]]:
        """Return the objects of a mapping by their names, each resolved."""
        pairs = node.items() if isinstance(node, dict) else ()
        return {str(name): self.resolved(value) for name, value in pairs}

    def fields(self, node: Any) -> dict[str, dict[str, Any]]:
        """Return the fields of an object by their names, each resolved, without extensions."""
        return {name: value for name, value in self.mapping(node).items() if not name.startswith("x-")}

    @cached_property
    def responses(self) -> dict[str, dict[str, Any]]:
        """Response objects by status, `4XX` or `default`."""
        return {
            status if status == "default" else status.upper(): response
            for status, response in self.fields(self.operation.raw.get("responses")).items()
        }

    @cached_property
    def parameters(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Parameter objects by (in, name). Path parameters are named by their position."""
        positions = {name: str(place) for place, name in enumerate(self.operation.path_parameters)}
        found = {}
        for raw in (*_list(self.operation.item.get("parameters")), *_list(self.operation.raw.get("parameters"))):
            parameter = self.resolved(raw)
            where, name = str(parameter.get("in", "")), str(parameter.get("name", ""))
            if where == "header":
                name = name.lower()
            found[where, positions.get(name, name) if where == "path" else name] = parameter
        return found

    @cached_property
    def body(self) -> dict[str, Any] | None:
        """The request body object."""
        return self.resolved(raw) if (raw := self.operation.raw.get("requestBody")) is not None else None

    @cached_property
    def callbacks(self) -> dict[str, dict[tuple[str, str], "OperationSide"]]:
        """The callbacks of the operation by name, then by expression and method."""
        named = self.mapping(self.operation.raw.get("callbacks"))
        return {
            name: {
                (expression, each.operation.method): each
                for expression, item in self.fields(callback).items()
                for each in find_received(self.reader, expression, item)
            }
            for name, callback in named.items()
        }

    def schema(self, holder: dict[str, Any]) -> SchemaNode:
        """Return the schema of a parameter, header or media type, by default one that accepts everything."""
        if "schema" in holder:
            return self.reader.node(holder["schema"])
        content = holder.get("content")
        media: Any = next(iter(content.values()), {}) if isinstance(content, dict) else {}
        return self.reader.node(self.resolved(media).get("schema", True))


def find_received(reader: SchemaReader, name: str, item: dict[str, Any]) -> Iterator[OperationSide]:
    """Yield the operations of a path item of a webhook or callback."""
    for method, written in operations_of(item).items():
        raw = reader.document.resolve(written)
        operation = Operation(str(raw.get("operationId") or f"{method.upper()} {name}"), name, method, raw, item)
        yield OperationSide(reader, operation, is_received=True)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


OPERATIONS: RuleSet[Callable[[OperationSide, OperationSide], RuleResult]] = RuleSet()
