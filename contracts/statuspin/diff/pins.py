"""Compare the pins of two contracts."""

from collections.abc import Iterator

from statuspin.contract.folder import Contract
from statuspin.contract.growth import adapt_to_growth
from statuspin.contract.matrix import Pin
from statuspin.diff.rule import Change
from statuspin.diff.severities import Severities
from statuspin.findings import Finding


def compare_pins(old: Contract, new: Contract, severities: Severities | None = None) -> list[Finding]:
    """Return findings about removed pins, and about changed answers, messages and budgets of the others.

    Pins of 405 for a method are not compared if the path gets the method.
    """
    weights = severities or Severities.usual()
    known = {pin.id: pin for pin in new.matrix}
    found: list[Finding] = []
    for pin in adapt_to_growth(old, new.document).matrix:
        changes = _changes(pin, known[pin.id]) if pin.id in known else [Change("pin-removed", pin.promise, "")]
        place = pin.id.removeprefix(f"{pin.operation} · ")
        found += [weights.finding(pin.operation, place, change) for change in changes]
    return found


def _changes(old: Pin, new: Pin) -> Iterator[Change]:
    if old.promise != new.promise:
        yield Change("pin-answer-changed", old.promise, new.promise)
    if old.expected is None or new.expected is None:
        return
    if old.expected.message is not None and old.expected.message != new.expected.message:
        yield Change("pin-message-changed", old.expected.message, str(new.expected.message))
    before, after = old.expected.statements, new.expected.statements
    if before is not None and (after is None or after > before):
        allowed = "any number" if after is None else f"{after} statements"
        yield Change("pin-budget-raised", f"{before} statements", allowed)
