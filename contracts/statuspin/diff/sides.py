"""An operation as it was and as it is, and what rules need to know of each."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from statuspin.contract.document import Operation
from statuspin.diff.changes import Group, Said
from statuspin.diff.view import View


@dataclass(frozen=True)
class Side:
    """One operation in one document; every $ref on the way to what is asked for is followed."""

    view: View
    operation: Operation

    def resolved(self, node: Any) -> dict[str, Any]:
        """`node`, or what its $ref leads to; empty where that is no object."""
        found = self.view.document.resolve(node)
        return found if isinstance(found, dict) else {}

    def mapping(self, node: Any) -> dict[str, dict[str, Any]]:
        """The objects of a mapping by their names, each resolved."""
        pairs = node.items() if isinstance(node, dict) else ()
        return {name: self.resolved(value) for name, value in pairs if not name.startswith("x-")}

    @cached_property
    def responses(self) -> dict[str, dict[str, Any]]:
        """Response objects by status, `4XX` or `default`."""
        return {
            status if status == "default" else status.upper(): response
            for status, response in self.mapping(self.operation.raw.get("responses")).items()
        }

    @cached_property
    def parameters(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Parameter objects by (in, name); those in the path go by their position in it."""
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


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def schema_of(holder: dict[str, Any]) -> Any:
    """The schema of a parameter, header or media type; True where it has none."""
    if "schema" in holder:
        return holder["schema"]
    content = holder.get("content")
    media: Any = next(iter(content.values()), {}) if isinstance(content, dict) else {}
    return media.get("schema", True) if isinstance(media, dict) else True


OPERATIONS: Group[Callable[[Side, Side], Said]] = Group()
