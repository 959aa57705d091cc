"""What rules say: a change, and where to go on comparing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar


class Direction(StrEnum):
    """Who sends what a schema describes. Clients send requests and receive responses."""

    REQUEST = "request"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `at` is the place, relative to what the rule was given."""

    rule: str
    at: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Below:
    """Two schemas to compare further: `at` this place, in this direction."""

    at: str
    old: Any
    new: Any
    direction: Direction


Said = Iterator[Change | Below]
Rule = TypeVar("Rule", bound=Callable[..., Iterator[Any]])
RULES: set[str] = set()


class Group(Generic[Rule]):
    """Rules of one signature, in the order in which they were declared."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def rule(self, *ids: str) -> Callable[[Rule], Rule]:
        """Put a function into the group. ids: every rule id that it can say."""

        def add(function: Rule) -> Rule:
            RULES.update(ids)
            self.rules.append(function)
            return function

        return add
