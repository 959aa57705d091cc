"""The interface of the proofs for the comparison of arrays and objects."""

from collections.abc import Iterable
from typing import Protocol

from statuspin.diff.rule import Direction
from statuspin.diff.schema.schema import Schema, SchemaNode


class PossibleValues(Protocol):
    """Proofs that nothing is accepted."""

    def is_node_empty(self, node: SchemaNode) -> bool:
        """Return whether a node accepts nothing."""

    def is_empty(self, schema: Schema) -> bool:
        """Return whether an alternative accepts nothing."""


class Proofs(Protocol):
    """Proofs that one schema accepts what another accepts."""

    direction: Direction

    @property
    def emptiness(self) -> PossibleValues:
        """Proofs that nothing is accepted."""

    def includes(self, sup: SchemaNode, sub: SchemaNode) -> bool:
        """Return whether `sup` accepts every value that `sub` accepts."""

    def includes_exactly(self, sup: SchemaNode, sub: SchemaNode) -> bool:
        """Return whether `sup` accepts every value of `sub`, also those that clients are not taken to send."""

    def count_step(self) -> None:
        """Count one step of a proof."""

    def covers(self, sup: SchemaNode, sub: Schema, values: list[object] | None = None, depth: int = 0) -> bool:
        """Return whether `sup` accepts everything that the alternative `sub` accepts."""

    def accepts_all(self, sup: SchemaNode, values: Iterable[object]) -> bool:
        """Return whether `sup` accepts each of some values."""
