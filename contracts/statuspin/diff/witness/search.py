"""Search for values that prove a finding: those that are newly refused or newly possible."""

from typing import Any

from statuspin.diff.inclusion import texts
from statuspin.diff.inclusion.inclusion import Inclusion
from statuspin.diff.schema.schema import SchemaNode
from statuspin.diff.witness.candidates import Candidates
from statuspin.diff.witness.standalone import Validators

_MOST_WITNESSES = 40


class WitnessSearch:
    """Searches for witnesses with validators that are compiled once."""

    def __init__(self) -> None:
        self._validators = Validators()
        self._candidates: dict[Inclusion, Candidates] = {}

    def find_all(self, sub: SchemaNode, sup: SchemaNode, inclusion: Inclusion) -> list[Any]:
        """Return values that `sub` accepts and `sup` does not, among the candidates."""
        accepts, refuses = (self._validators.of(node, inclusion.direction) for node in (sub, sup))
        found: list[Any] = []
        if accepts is None or refuses is None:
            return found
        for value in self.candidates(inclusion).of(sub, sup):
            if accepts.is_valid(value) and not is_accepted(refuses, value, is_text=inclusion.is_text):
                found.append(value)
            if len(found) == _MOST_WITNESSES:
                break
        return found

    def candidates(self, inclusion: Inclusion) -> Candidates:
        """Return the maker of values for the direction of some proofs."""
        return self._candidates.setdefault(inclusion, Candidates(inclusion))

    def holds(self, value: Any, sub: SchemaNode, sup: SchemaNode, inclusion: Inclusion) -> bool:
        """Return whether `value` is accepted by `sub` and refused by `sup`."""
        accepts, refuses = (self._validators.of(node, inclusion.direction) for node in (sub, sup))
        if accepts is None or refuses is None:
            return False
        return bool(accepts.is_valid(value)) and not is_accepted(refuses, value, is_text=inclusion.is_text)


def is_accepted(validator: Any, value: Any, *, is_text: bool) -> bool:
    """Return whether a validator accepts a value, or the value written as text."""
    if validator.is_valid(value):
        return True
    return is_text and any(validator.is_valid(reading) for reading in _readings(value))


def _readings(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [[reading for each in value for reading in list(texts.readings(each))[:1] or [each]]]
    return list(texts.readings(value))
