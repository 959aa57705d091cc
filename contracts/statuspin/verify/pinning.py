"""Run pins: set up actor, state and mode, send the request, and compare the response with the promise."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import uuid4

from statuspin.contract.matrix import Pin
from statuspin.contract.pins import AS_IT_IS
from statuspin.contract.steps import Expectation
from statuspin.http.exchange import Exchange, values_at
from statuspin.verify.judging import PromiseBroken, ResponseChecker
from statuspin.verify.servers import Servers
from statuspin.verify.states import States
from statuspin.verify.target import PreconditionUnavailable


class Verdict(StrEnum):
    """The result of a pin."""

    KEPT = "kept"
    BROKEN = "broken"
    SKIPPED = "skipped"


@dataclass
class Outcome:
    """The outcome of running a pin.

    exchanges: all its requests and responses. own: the index of the pin's own request, or -1 if it was not sent.
    skipped: why it was skipped, or None. saved: values for its requests.
    """

    pin: Pin
    verdict: Verdict = Verdict.KEPT
    reason: str = ""
    observed: str = ""
    statements: int | None = None
    exchanges: list[Exchange] = field(default_factory=list)
    own: int = -1
    skipped: PreconditionUnavailable | None = None
    saved: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """`get_interview · colleague · in progress → promised 403, observed 404`."""
        return f"{self.pin.id} → {self.reason or f'promised {self.pin.promise}, observed {self.observed}'}"


class Pinning:
    """Run the pins of a contract. clean_up: whether to remove the states of a pin after its run."""

    def __init__(self, servers: Servers, *, clean_up: bool = False) -> None:
        """servers: the servers of the contract."""
        self._servers, self._clean_up = servers, clean_up
        self._checker = ResponseChecker(servers)
        self._states = States(servers, self._checker)

    async def run(self, pin: Pin) -> Outcome:
        """Run a pin and return its outcome. Raises CannotRun if the server stops responding."""
        outcome = Outcome(pin)
        saved = outcome.saved
        try:
            await self._provoke(pin, saved, outcome)
        except PreconditionUnavailable as reason:
            outcome.verdict, outcome.reason, outcome.skipped = Verdict.SKIPPED, str(reason), reason
        except PromiseBroken as reason:
            outcome.verdict, outcome.reason = Verdict.BROKEN, str(reason)
        if self._clean_up and saved:
            await self._remove_state(pin, saved, outcome)
        return outcome

    async def _remove_state(self, pin: Pin, saved: dict[str, Any], outcome: Outcome) -> None:
        try:
            await self._states.undo(pin.state, saved)
        except (PromiseBroken, PreconditionUnavailable) as reason:
            if outcome.verdict == Verdict.KEPT:
                outcome.verdict, outcome.reason = Verdict.BROKEN, f"its state could not be removed: {reason}"

    async def _provoke(self, pin: Pin, saved: dict[str, Any], outcome: Outcome) -> None:
        self._ensure_may_send(pin)
        await self._servers.client(pin.mode)
        unique = str(uuid4())
        saved.update(await self._states.make(pin.state, outcome.exchanges, unique))
        saved["unique"] = unique
        for step in pin.before:
            await self._checker.run_step(step, pin.mode, saved, outcome.exchanges)
        if pin.expected is None:
            await self._run_races(pin, saved, outcome)
        else:
            await self._send_request(pin, pin.expected, saved, outcome)
        for step in pin.then:
            await self._checker.run_step(step, AS_IT_IS, saved, outcome.exchanges)

    def _ensure_may_send(self, pin: Pin) -> None:
        operations = self._servers.contract.document.operations
        self._servers.ensure_may_send(pin.request.method or operations[pin.operation].method)
        for step in (*pin.before, *pin.then):
            self._servers.ensure_may_send(step.request.method or operations[step.operation].method)

    async def _send_request(self, pin: Pin, expected: Expectation, saved: dict[str, Any], outcome: Outcome) -> None:
        exchange = await self._servers.exchange(
            (pin.operation, pin.actor, pin.request), pin.mode, saved, pin.id, expected=(expected.answer,)
        )
        outcome.own = len(outcome.exchanges)
        outcome.exchanges.append(exchange)
        answer = exchange.answer
        outcome.observed = str(answer.status) if answer else exchange.failure
        outcome.statements = answer.statements if answer else None
        if pin.assumed and answer and answer.status != expected.answer and self._checker.is_documented(exchange):
            raise PreconditionUnavailable("an assumption of `init` is wrong; confirm or change the row of", pin.id)
        self._checker.check(exchange, expected, saved)
        self._checker.save(dict(pin.keep), exchange, saved)

    async def _run_races(self, pin: Pin, saved: dict[str, Any], outcome: Outcome) -> None:
        for _ in range(pin.rounds):
            await self._run_race(pin, saved, outcome)

    async def _run_race(self, pin: Pin, saved: dict[str, Any], outcome: Outcome) -> None:
        each = [{**saved, "number": number} for number in range(pin.at_once)]
        asked = (pin.operation, pin.actor, pin.request)
        exchanges = await self._servers.race(asked, pin.mode, each, pin.id, pin.statuses)
        outcome.own = len(outcome.exchanges)
        outcome.exchanges += exchanges
        tally = Counter(exchange.answer.status if exchange.answer else 0 for exchange in exchanges)
        outcome.observed = ", ".join(f"{status or 'none'} × {count}" for status, count in sorted(tally.items()))
        unexpected = set(tally) - set(pin.statuses)
        if unexpected or any(not least <= tally[status] <= most for status, least, most in pin.answers):
            raise PromiseBroken(f"promised {pin.promise}, observed {outcome.observed}")
        for exchange in exchanges:
            self._checker.check_conformance(exchange)
        for place in pin.agree:
            found = {
                str(values_at(each.answer.json, place))
                for each in exchanges
                if each.answer and each.answer.status < 300
            }
            if len(found) > 1:
                raise PromiseBroken(
                    f"promised the same {place} in all successful responses, observed {len(found)} different values"
                )
