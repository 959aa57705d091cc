"""The results of rules: changes, and nested schemas to compare."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from statuspin.diff.schema.schema import SchemaNode


class Direction(StrEnum):
    """The sender of the values of a schema. Clients send requests and receive responses."""

    REQUEST = "request"
    RESPONSE = "response"

    @property
    def opposite(self) -> "Direction":
        """The other direction, for webhooks and callbacks, whose requests clients receive."""
        return Direction.RESPONSE if self is Direction.REQUEST else Direction.REQUEST


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `at` is the place relative to the compared parts."""

    rule: str
    at: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Subschema:
    """Two nested schemas to compare, `at` a place and in a direction. is_text: values are written as text."""

    at: str
    old: "SchemaNode"
    new: "SchemaNode"
    direction: Direction
    is_text: bool = False


RuleResult = Iterator[Change | Subschema]
Rule = TypeVar("Rule", bound=Callable[..., Iterator[Any]])
RULES: set[str] = set()


class RuleSet(Generic[Rule]):
    """Rules of one signature, in the order of their declaration."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def rule(self, *ids: str) -> Callable[[Rule], Rule]:
        """Add a function to the set. ids: all rule ids that it can return."""

        def add(function: Rule) -> Rule:
            RULES.update(ids)
            self.rules.append(function)
            return function

        return add
