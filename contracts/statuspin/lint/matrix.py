"""Check pins.yaml against openapi.yaml.

Every promise needs a row, every row a promise, and every combination of actor and state a row or a reason. In a draft,
a missing row is a warning.
"""

from collections import Counter
from collections.abc import Iterator

from statuspin.contract.document import find_response
from statuspin.contract.folder import Contract
from statuspin.contract.matrix import combinations, find_impossible
from statuspin.contract.pins import AS_IT_IS, NO_STATE, VALID, OperationPins
from statuspin.coverage.booking import Booking
from statuspin.findings import Finding, Severity

_UNKNOWN = "The promise is never tested."
_SHOWN = 4


def matrix_findings(contract: Contract) -> list[Finding]:
    """Return the gaps of the matrix, and the promises that the document does not make."""
    found = [*_operations(contract), *_statuses(contract), *_repeated_pins(contract), *_unused_names(contract)]
    for name, operation in contract.pins.pins.items():
        found += _missing_combinations(contract, name, operation)
    return found


def _operations(contract: Contract) -> Iterator[Finding]:
    for name in contract.document.operations:
        if name not in contract.pins.pins:
            yield Finding("operation-unpinned", _gap_severity(contract), name, "pins", "it has no pins", why=_UNKNOWN)


def _statuses(contract: Contract) -> Iterator[Finding]:
    pinned = set(_pinned_statuses(contract))
    forbidden = set(contract.pins.forbidden)
    for operation in contract.document.operations.values():
        promised = [key for key in operation.raw.get("responses") or {} if not key.startswith("x-")]
        statuses = {status for name, status in pinned if name == operation.id}
        covered = {status: find_response(promised, status) for status in statuses}
        for key in promised:
            if key not in covered.values() and key not in map(str, forbidden):
                message = f"{key} is promised, but no pin provokes it"
                yield Finding(
                    "status-unpinned", _gap_severity(contract), operation.id, f"status {key}", message, why=_UNKNOWN
                )
        for status in sorted(statuses):
            if status in forbidden:
                message = f"a pin promises {status}, but the status is forbidden"
                yield Finding("status-never", Severity.ERROR, operation.id, f"status {status}", message)
            elif covered[status] is None:
                message = f"a pin promises {status}, but openapi.yaml does not"
                yield Finding("status-unpromised", Severity.ERROR, operation.id, f"status {status}", message)


def _pinned_statuses(contract: Contract) -> Iterator[tuple[str, int]]:
    """Yield the statuses that pins provoke, each with the operation of the response."""
    booking = Booking(contract.document)
    for pin in contract.matrix:
        method = pin.request.method or contract.document.operations[pin.operation].method
        for status in pin.statuses:
            if operation := booking.find(pin.operation, method, status):
                yield operation.id, status


def _missing_combinations(contract: Contract, name: str, operation: OperationPins) -> Iterator[Finding]:
    pinned = {
        (pin.actor, pin.state)
        for pin in contract.matrix
        if pin.operation == name and pin.input == VALID and pin.mode == AS_IT_IS
    }
    excused = find_impossible(contract.pins, operation)
    holes = sorted(combinations(contract.pins, operation) - pinned - set(excused))
    if holes:
        shown = ", ".join(_format_pair(pair) for pair in holes[:_SHOWN])
        more = f" and {len(holes) - _SHOWN} more" if len(holes) > _SHOWN else ""
        message = f"neither a row nor a reason for {shown}{more}"
        yield Finding("combination-unpinned", _gap_severity(contract), name, "actor × state", message, why=_UNKNOWN)
    for pair in sorted(pinned & set(excused)):
        message = f"{_format_pair(pair)} is pinned, but also listed as impossible: {excused[pair]}"
        yield Finding("combination-impossible", Severity.ERROR, name, "actor × state", message)


def _repeated_pins(contract: Contract) -> Iterator[Finding]:
    for name, count in Counter(pin.id for pin in contract.matrix).items():
        if count > 1:
            message = f"{count} pins have the name “{name}”; give their inputs different names"
            yield Finding("pin-twice", Severity.ERROR, name.partition(" · ")[0], name.partition(" · ")[2], message)


def _unused_names(contract: Contract) -> Iterator[Finding]:
    pins = contract.pins
    states = {state for operation in pins.pins.values() for state in operation.states}
    states |= {state.after for state in pins.states.values() if state.after}
    for name in pins.states:
        if name not in states:
            yield Finding(
                "state-unused", Severity.WARNING, "", f"states → {name}", f"no operation uses the state “{name}”"
            )
    modes = {pin.mode for pin in contract.matrix}
    for name in pins.service.modes if pins.service else ():
        if name not in modes:
            yield Finding(
                "mode-unused", Severity.WARNING, "", f"service → modes → {name}", f"no pin uses the mode “{name}”"
            )


def _gap_severity(contract: Contract) -> Severity:
    return Severity.WARNING if contract.pins.draft else Severity.ERROR


def _format_pair(pair: tuple[str, str]) -> str:
    return pair[0] if pair[1] == NO_STATE else f"{pair[0]} · {pair[1]}"
