"""Compare responses with the expectations of pins and steps, and keep their values for later requests."""

from collections.abc import Mapping
from typing import Any

from statuspin.contract.document import find_response
from statuspin.contract.steps import Expectation, Step
from statuspin.coverage.booking import Booking
from statuspin.http.conformance import Conformance
from statuspin.http.exchange import Exchange, find_values
from statuspin.http.redaction import Redaction
from statuspin.verify.expectations import find_mismatch
from statuspin.verify.servers import Servers


class PromiseBroken(Exception):
    """A response differs from the promised one: `promised 403, observed 404`."""


class ResponseChecker:
    """Compare responses with the expectation of a pin or a step, and with openapi.yaml."""

    def __init__(self, servers: Servers) -> None:
        """servers: send the requests of steps."""
        self._servers, self._contract = servers, servers.contract
        self._conformance = Conformance(servers.contract.document)
        self._booking = Booking(servers.contract.document)
        self._hide = Redaction.from_contract(servers.contract)

    async def run_step(self, step: Step, mode: str, saved: dict[str, Any], exchanges: list[Exchange]) -> None:
        """Send the requests of a step, check the responses, and keep their values.

        saved: values for the requests, which the step adds to. exchanges: receives the requests and responses. Raises
        PromiseBroken if a response differs from the expected one, and PreconditionUnavailable like `Servers.exchange`.
        """
        for number in range(step.times):
            saved["number"] = number
            exchange = await self._servers.exchange(
                step, mode, saved, f"{step.operation} as {step.actor}", expected=(step.answer,)
            )
            exchanges.append(exchange)
            try:
                self.check(exchange, step, saved)
                self.save(step.keep, exchange, saved)
            except PromiseBroken as reason:
                raise PromiseBroken(f"step {step.operation} as {step.actor}: {reason}") from None

    def check(self, exchange: Exchange, expected: Expectation, saved: Mapping[str, Any]) -> None:
        """Raise PromiseBroken if the response differs from the expected one, or does not conform to openapi.yaml."""
        reason = find_mismatch(expected, exchange, self._contract.pins.message, saved, self._hide)
        if reason:
            raise PromiseBroken(reason)
        self.check_conformance(exchange)

    def check_conformance(self, exchange: Exchange) -> None:
        """Raise PromiseBroken if the response does not conform to openapi.yaml.

        Responses to methods that openapi.yaml does not document are not checked.
        """
        if exchange.answer is None:
            raise PromiseBroken(f"observed no response: {exchange.failure}")
        operation = self._booking.find(exchange.operation, exchange.sent.method, exchange.answer.status)
        if operation is None:
            return
        bodiless = exchange.sent.method == "HEAD"
        faults = self._conformance.faults(operation, exchange.answer, bodiless=bodiless)
        if faults:
            fault = self._hide.text(faults[0])
            raise PromiseBroken(f"promised the response {exchange.answer.status} of openapi.yaml, observed: {fault}")

    def is_documented(self, exchange: Exchange) -> bool:
        """Return whether the response conforms to openapi.yaml, regardless of a pin's expectation."""
        try:
            self.check_conformance(exchange)
        except PromiseBroken:
            return False
        operation = self._servers.contract.document.operations[exchange.operation]
        statuses = operation.raw.get("responses") or {}
        return exchange.answer is not None and find_response(statuses, exchange.answer.status) is not None

    def save(self, wanted: Mapping[str, str], exchange: Exchange, saved: dict[str, Any]) -> None:
        """Add values of a response to `saved`.

        wanted: name to place in the response. Raises PromiseBroken if the response has no value at a place.
        """
        for name, place in wanted.items():
            values = find_values(exchange.answer, place)
            if not values:
                raise PromiseBroken(f"the response has no value at {place}")
            saved[name] = values[0]
