"""Values of a raw document with their keys, whose references are followed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from statuspin.contract.document import Document
from statuspin.loading.pointers import Keys, parse_pointer


class Tree:
    """The raw document, with the targets and the schemas that were found in it. Many operations share them."""

    def __init__(self, document: Document) -> None:
        self.raw = document.raw
        self.schemas: dict[tuple[Keys, str], Spot] = {}
        self._targets: dict[str, Spot] = {}

    def target(self, pointer: str) -> "Spot":
        """Return the target of a reference."""
        if pointer not in self._targets:
            node: Any = self.raw
            keys: list[str | int] = []
            for key in parse_pointer(pointer):
                keys.append(int(key) if isinstance(node, list) else key)
                node = node[keys[-1]]
            self._targets[pointer] = Spot(self, tuple(keys), node)
        return self._targets[pointer]


@dataclass(frozen=True, slots=True)
class Spot:
    """A value of a document and its keys. References on the path are followed."""

    tree: Tree
    keys: Keys
    node: Any

    def enter(self, *keys: str | int) -> "Spot | None":
        """Return the value below, or None."""
        spot = self.follow()
        for key in keys:
            has_key = key in spot.node if isinstance(spot.node, dict) else isinstance(spot.node, list)
            if not has_key:
                return None
            spot = Spot(spot.tree, (*spot.keys, key), spot.node[key])
            spot = spot.follow() if isinstance(spot.node, dict) and "$ref" in spot.node else spot
        return spot

    def follow(self) -> "Spot":
        """Return the target of a reference. A schema with more than a reference stays."""
        spot = self
        while isinstance(spot.node, dict) and len(spot.node) == 1 and isinstance(spot.node.get("$ref"), str):
            spot = spot.tree.target(spot.node["$ref"])
        return spot

    def children(self, key: str) -> "Iterator[tuple[str | int, Spot]]":
        """Return the name and value of everything below a key."""
        holder = self.enter(key)
        node = holder.node if holder else None
        names: Iterable[Any] = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        for name in names:
            if holder is not None and (below := holder.enter(name)) is not None:
                yield name, below
