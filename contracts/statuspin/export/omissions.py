"""Find the parts of pins that exported tests do not repeat."""

from collections.abc import Iterable, Iterator

from statuspin.contract.actors import Actor
from statuspin.contract.folder import Contract
from statuspin.contract.matrix import Pin
from statuspin.contract.pins import NO_STATE, OperationPins
from statuspin.contract.steps import Step
from statuspin.http.building import SAFE

_SCHEMAS = "whether responses match the schemas, headers and media types of the OpenAPI document"


def find_omissions(contract: Contract, pins: Iterable[Pin]) -> list[str]:
    """Return what `statuspin verify` checks or sends for the pins of a contract and their exported tests do not.

    Each item is a noun phrase, such as `budgets of SQL statements`. The first one, the schemas, always applies.
    """
    found = (omission for pin in pins for omission in _find_in_pin(contract, pin))
    return list(dict.fromkeys([_SCHEMAS, *found]))


def _find_in_pin(contract: Contract, pin: Pin) -> Iterator[str]:
    steps = [*_state_steps(contract, pin.state), *pin.before, *pin.then]
    if any(each is not None and each.statements is not None for each in (pin.expected, *steps)):
        yield "budgets of SQL statements"
    if _sends_csrf(contract, pin, steps):
        yield "the CSRF value of unsafe requests, so the server may reject them"
    mode = contract.pins.service.modes.get(pin.mode) if contract.pins.service else None
    if mode and mode.occupied_by:
        yield f"the request that occupies the server in the mode {pin.mode}"
    if pin.assumed:
        yield "`assumed`, so another documented status fails the test instead of skipping it"


def _state_steps(contract: Contract, name: str | None) -> Iterator[Step]:
    while name and name != NO_STATE:
        state = contract.pins.states[name]
        yield from (*state.steps, *state.undo)
        name = state.after


def _sends_csrf(contract: Contract, pin: Pin, steps: Iterable[Step]) -> bool:
    """Return whether a request of the pin has a method and an actor for which `verify` sends a CSRF value."""
    if contract.pins.login is None or contract.pins.login.csrf is None:
        return False
    requests = [(pin.operation, pin.actor, pin.request.method)]
    for step in steps:
        common = contract.pins.pins.get(step.operation, OperationPins()).request
        requests.append((step.operation, step.actor, step.request.method or common.method))
    return any(
        (method or contract.document.operations[operation].method).upper() not in SAFE
        and _logs_in(contract.pins.actors, actor)
        for operation, actor, method in requests
    )


def _logs_in(actors: dict[str, Actor], name: str) -> bool:
    ways = actors[actors[name].tampered or name].ways
    return ways != ["api_key"] and {"anonymous", "authorization", "basic", "token"}.isdisjoint(ways)
