"""Two schemas in one direction, with the changes that rules find between them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Protocol

from statuspin.diff.rule import RULES, Change, Direction, RuleResult, RuleSet, Subschema
from statuspin.diff.schema.schema import Schema, SchemaNode
from statuspin.diff.schema.unchanged import Unchanged


class Graph(Protocol):
    """All pairs of schemas in the comparison of two documents."""

    @property
    def unchanged(self) -> Unchanged:
        """Finds schemas that are identical on both sides."""

    def relation(self, pair: "SchemaPair") -> "Relation":
        """Return the relation that is proved between the values of two schemas."""

    def is_exactly_compatible(self, pair: "SchemaPair") -> bool:
        """Return whether the new schema accepts the values of the old one, without assumptions about clients."""

    def accept_the_same(self, old: SchemaNode, new: SchemaNode) -> bool:
        """Return whether two schemas accept the same values, in both directions."""


class Relation(IntEnum):
    """The relation between the values of a new schema and those of the old one, for a client.

    CONTRADICTORY: no value can be refused or new, because the deciding schema accepts nothing.
    """

    EQUAL = 0
    COMPATIBLE = 1
    CONTRADICTORY = 2
    BREAKING = 3


@dataclass(eq=False)
class SchemaPair:
    """Two schemas in one direction. `changes` are their own changes, `below` the nested pairs."""

    old_node: SchemaNode
    new_node: SchemaNode
    direction: Direction
    is_text: bool
    graph: Graph = field(repr=False)
    changes: tuple[Change, ...] | None = None
    below: tuple[tuple[str, "SchemaPair"], ...] = ()

    @property
    def old(self) -> Schema:
        """The old schema."""
        return self.old_node.schema

    @property
    def new(self) -> Schema:
        """The new schema."""
        return self.new_node.schema

    @property
    def is_request(self) -> bool:
        """Whether clients send the values."""
        return self.direction is Direction.REQUEST

    @property
    def sub(self) -> Schema:
        """The schema whose values the other one has to accept: the old one of requests, the new one of responses."""
        return self.old if self.is_request else self.new

    @property
    def sup(self) -> Schema:
        """The schema that has to accept the values of the other one."""
        return self.new if self.is_request else self.old

    @property
    def is_union_on_one_side(self) -> bool:
        """Whether only one side is a bare union, so that keywords cannot be compared one by one."""
        return self.old.is_bare_union != self.new.is_bare_union

    @cached_property
    def is_settled(self) -> bool:
        """Whether the pair is a union that is proved to be compatible, independent of the matching of variants."""
        return self.relation is Relation.COMPATIBLE and bool(self.old.unions or self.new.unions)

    @cached_property
    def is_exactly_compatible(self) -> bool:
        """Whether the new schema accepts the values of the old one, without assumptions about clients."""
        return self.graph.is_exactly_compatible(self)

    @cached_property
    def relation(self) -> Relation:
        """The relation that is proved between the values of both schemas."""
        return self.graph.relation(self)

    def subschema(self, at: str, old: SchemaNode | None, new: SchemaNode | None) -> Subschema:
        """Return nested schemas to compare at this place. None is a schema that accepts everything."""
        first = self.old_node.reader.true if old is None else old
        second = self.new_node.reader.true if new is None else new
        return Subschema(at, first, second, self.direction, self.is_text)

    def change(self, rule: str, at: str = "", before: str = "", after: str = "") -> Change:
        """Return a change. `rule` is the name without the direction."""
        return Change(f"{self.direction}-{rule}", at, before, after)

    def directed_change(self, rule: str, at: str, before: str, after: str, *, is_compatible: bool) -> Change:
        """Return a change named `rule`-narrowed or `rule`-widened, depending on the direction and `is_compatible`."""
        return self.change(f"{rule}-{'widened' if self.is_request is is_compatible else 'narrowed'}", at, before, after)


Trail = tuple[tuple[SchemaPair, str], ...]
"""The pairs on the path to another pair, each with the place of the next one."""


@dataclass(frozen=True, slots=True)
class PlacedChange:
    """A change of `pair`, with the path to it from the body, parameter or header."""

    trail: Trail
    pair: SchemaPair
    change: Change

    @property
    def at(self) -> str:
        """The place within the body, parameter or header."""
        return ("".join(at for _, at in self.trail) + self.change.at).removeprefix(".")


SCHEMAS: RuleSet[Callable[[SchemaPair], RuleResult]] = RuleSet()
"""Rules that compare keyword by keyword. They do not apply if only one side is a union."""
UNIONS: RuleSet[Callable[[SchemaPair], RuleResult]] = RuleSet()
"""Rules that also apply to unions."""
RULES.update(f"{direction}-values-{kind}" for direction in Direction for kind in ("narrowed", "widened"))
