"""A frozen contract as today's build can keep it: what grows, and what there can be only one of, is today's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from statuspin.contract.folder import Contract
from statuspin.contract.growth import grown
from statuspin.contract.pins import Correction, OperationPins


def as_of_today(current: Contract, released: Contract) -> Contract:
    """`released`, with today's way to get tokens, today's methods, and today's version where an answer tells its own, and the
    values that the current contract corrects.

    A build can tell one version alone, and that is the one in force.
    """
    kept = grown(released, current.document)
    versions = {released.document.release: current.document.release}
    pins = {
        name: _renumbered(operation, versions, [each for each in current.pins.corrections if each.operation == name])
        for name, operation in kept.pins.pins.items()
    }
    return replace(kept, pins=kept.pins.model_copy(update={"login": current.pins.login, "pins": pins}))


def _renumbered(
    operation: OperationPins, versions: Mapping[str, str], corrections: Sequence[Correction]
) -> OperationPins:
    rows = [
        row.model_copy(
            update={"holds": {place: _today(place, held, versions, corrections) for place, held in row.holds.items()}}
        )
        for row in operation.rows
    ]
    return operation.model_copy(update={"rows": tuple(rows)})


def _today(place: str, held: Any, versions: Mapping[str, str], corrections: Sequence[Correction]) -> Any:
    for each in corrections:
        if (each.place, each.was) == (place, held):
            return each.now
    return versions.get(held, held) if isinstance(held, str) else held
