"""Looks for a value that proves a finding: accepted before and refused now, or possible now and not before."""

from typing import Any

from statuspin.diff.inclusion import texts
from statuspin.diff.inclusion.inclusion import Inclusion
from statuspin.diff.rule import Direction
from statuspin.diff.schema.schema import SchemaNode
from statuspin.diff.witness.candidates import Candidates
from statuspin.diff.witness.standalone import Validators


class WitnessSearch:
    """Looks for witnesses with validators that are compiled once."""

    def __init__(self) -> None:
        self._validators = Validators()

    def find(self, sub: SchemaNode, sup: SchemaNode, inclusion: Inclusion) -> tuple[Any, ...]:
        """A value that `sub` accepts and `sup` does not, in a tuple; empty if there is none among the candidates."""
        accepts, refuses = (self._validators.of(node, inclusion.direction) for node in (sub, sup))
        if accepts is None or refuses is None:
            return ()
        witnesses = (
            value
            for value in Candidates(inclusion).of(sub, sup)
            if accepts.is_valid(value) and not is_accepted(refuses, value, is_text=inclusion.is_text)
        )
        return next(((value,) for value in witnesses), ())

    def holds(self, value: Any, sub: SchemaNode, sup: SchemaNode, direction: Direction, *, is_text: bool) -> bool:
        """Whether `value` is accepted by `sub` and refused by `sup`."""
        accepts, refuses = (self._validators.of(node, direction) for node in (sub, sup))
        if accepts is None or refuses is None:
            return False
        return bool(accepts.is_valid(value)) and not is_accepted(refuses, value, is_text=is_text)


def is_accepted(validator: Any, value: Any, *, is_text: bool) -> bool:
    """Whether a validator accepts a value, or the text that it is written as."""
    if validator.is_valid(value):
        return True
    return is_text and any(validator.is_valid(reading) for reading in _readings(value))


def _readings(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [[reading for each in value for reading in list(texts.readings(each))[:1] or [each]]]
    return list(texts.readings(value))
