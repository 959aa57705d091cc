"""Adapt a frozen contract to the current build, which has its own login, methods and version."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from statuspin.contract.folder import Contract
from statuspin.contract.growth import adapt_to_growth
from statuspin.contract.pins import Correction, OperationPins


def adapt_to_current(current: Contract, released: Contract) -> Contract:
    """Return `released` with the login, methods and version of `current`, and its corrected values.

    A row that pins the version of its own release expects the current one.
    """
    kept = adapt_to_growth(released, current.document)
    versions = {released.document.release: current.document.release}
    pins = {
        name: _adapt_rows(operation, versions, [each for each in current.pins.corrections if each.operation == name])
        for name, operation in kept.pins.pins.items()
    }
    return replace(kept, pins=kept.pins.model_copy(update={"login": current.pins.login, "pins": pins}))


def _adapt_rows(
    operation: OperationPins, versions: Mapping[str, str], corrections: Sequence[Correction]
) -> OperationPins:
    rows = []
    for row in operation.rows:
        holds = {place: _current_value(place, held, versions, corrections) for place, held in row.holds.items()}
        rows.append(row.model_copy(update={"holds": holds}))
    return operation.model_copy(update={"rows": tuple(rows)})


def _current_value(place: str, held: Any, versions: Mapping[str, str], corrections: Sequence[Correction]) -> Any:
    for each in corrections:
        if (each.place, each.was) == (place, held):
            return each.now
    return versions.get(held, held) if isinstance(held, str) else held
