"""One test for each pin of the current contract, against a real service in the mode of the pin."""

import pytest

from statuspin.contract.folder import Contract
from statuspin.contract.pins import AS_IT_IS
from statuspin.verify.pinning import Pinning, Verdict
from tests.contract.conftest import CURRENT
from tests.contract.envelope import check_error_envelope

PINS = [
    pytest.param(pin, id=pin.id, marks=() if pin.mode == AS_IT_IS else pytest.mark.failure_mode)
    for pin in Contract.read(CURRENT).matrix
]


@pytest.mark.parametrize("pin", PINS)
async def test_pin(pin, pinning: Pinning):
    outcome = await pinning.run(pin)

    assert outcome.verdict == Verdict.KEPT, _describe(outcome)
    if pin.expected is not None:
        check_error_envelope(outcome.exchanges[outcome.own])


def _describe(outcome) -> str:
    """Describe the outcome of a pin and its last exchanges."""
    lines = [str(outcome)]
    for exchange in outcome.exchanges[-3:]:
        answer = exchange.answer
        lines.append(f"{exchange.sent.method} {exchange.sent.target} {exchange.sent.body[:300]!r}")
        lines.append(f"  {answer.status} {answer.body[:500]!r}" if answer else f"  {exchange.failure}")
    return "\n".join(lines)
