"""What counts as noticing a mutant."""

import pytest

from statuspin.contract.matrix import Pin
from statuspin.contract.steps import Expectation, Request
from statuspin.http.exchange import Answer, Exchange, Sent
from statuspin.http.failures import CLOSED, NO_RESPONSE_IN_TIME
from statuspin.verify.pinning import Outcome, Verdict
from tests.mutants.running import is_kill

PIN = Pin("get_a", "owner", "-", "valid", "as it is", Request(), Expectation(answer=200))
SENT = Sent("GET", "/a", {})


@pytest.mark.parametrize(
    ("verdict", "exchange", "reason", "kill"),
    [
        (Verdict.BROKEN, Exchange("get_a", SENT, Answer(404, {})), "promised 200, observed 404", True),
        (Verdict.BROKEN, Exchange("get_a", SENT, None, 0.1, CLOSED), "promised 200, observed none", True),
        (Verdict.BROKEN, Exchange("get_a", SENT, None, 8.0, NO_RESPONSE_IN_TIME), "promised 200, observed none", False),
        (Verdict.BROKEN, None, f"its state could not be put away: observed none: {NO_RESPONSE_IN_TIME}", False),
        (Verdict.KEPT, Exchange("get_a", SENT, Answer(200, {})), "", False),
        (Verdict.SKIPPED, None, "no token", False),
    ],
)
def test_a_broken_pin_is_a_kill_unless_an_answer_was_late(verdict, exchange, reason, kill):
    assert is_kill(Outcome(PIN, verdict, reason, exchanges=[exchange] if exchange else [])) is kill
