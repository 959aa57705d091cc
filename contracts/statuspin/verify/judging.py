"""Compares answers with what a pin or a step promises, and keeps values of them for later requests."""

from collections.abc import Mapping
from typing import Any

from statuspin.contract.document import find_response
from statuspin.contract.steps import Expectation, Step
from statuspin.coverage.booking import Booking
from statuspin.http.conformance import Conformance
from statuspin.http.exchange import Exchange, find_values
from statuspin.http.redaction import Redaction
from statuspin.verify.expectations import broken
from statuspin.verify.servers import Servers


class PromiseBroken(Exception):
    """An answer was not the promised one: `promised 403, observed 404`."""


class ResponseChecker:
    """Compares answers with what a pin or a step expects, and with what openapi.yaml has for their status."""

    def __init__(self, servers: Servers) -> None:
        """servers: where steps are sent."""
        self._servers, self._contract = servers, servers.contract
        self._conformance = Conformance(servers.contract.document)
        self._booking = Booking(servers.contract.document)
        self._hide = Redaction.from_contract(servers.contract)

    async def take(self, step: Step, mode: str, kept: dict[str, Any], exchanges: list[Exchange]) -> None:
        """Send a step as often as it says and keep its values. Raises PromiseBroken and PreconditionUnavailable."""
        for number in range(step.times):
            kept["number"] = number
            exchange = await self._servers.exchange(
                step, mode, kept, f"{step.operation} as {step.actor}", expected=(step.answer,)
            )
            exchanges.append(exchange)
            try:
                self.judge(exchange, step, kept)
                self.keep(step.keep, exchange, kept)
            except PromiseBroken as reason:
                raise PromiseBroken(f"around it, {step.operation} as {step.actor}: {reason}") from None

    def judge(self, exchange: Exchange, expected: Expectation, kept: Mapping[str, Any]) -> None:
        """Raise PromiseBroken if the answer is not the expected one."""
        reason = broken(expected, exchange, self._contract.pins.message, kept, self._hide)
        if reason:
            raise PromiseBroken(reason)
        self.conform(exchange)

    def conform(self, exchange: Exchange) -> None:
        """Raise PromiseBroken if openapi.yaml does not allow the answer.

        It says nothing about the answer to a method that it does not name.
        """
        if exchange.answer is None:
            raise PromiseBroken(f"observed no answer: {exchange.failure}")
        operation = self._booking.find(exchange.operation, exchange.sent.method, exchange.answer.status)
        if operation is None:
            return
        bodiless = exchange.sent.method == "HEAD"
        faults = self._conformance.faults(operation, exchange.answer, bodiless=bodiless)
        if faults:
            fault = self._hide.text(faults[0])
            raise PromiseBroken(f"promised what openapi.yaml has for {exchange.answer.status}, observed: {fault}")

    def is_documented(self, exchange: Exchange) -> bool:
        """Return whether openapi.yaml allows the answer, whatever a pin expects."""
        try:
            self.conform(exchange)
        except PromiseBroken:
            return False
        operation = self._servers.contract.document.operations[exchange.operation]
        statuses = operation.raw.get("responses") or {}
        return exchange.answer is not None and find_response(statuses, exchange.answer.status) is not None

    def keep(self, wanted: Mapping[str, str], exchange: Exchange, kept: dict[str, Any]) -> None:
        """Keep values of an answer, name to place. Raises PromiseBroken if a place has none."""
        for name, place in wanted.items():
            values = find_values(exchange.answer, place)
            if not values:
                raise PromiseBroken(f"the answer has no {place} to keep")
            kept[name] = values[0]
