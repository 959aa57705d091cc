"""Merge the observations of pins, statuses and the fuzzer into faults: one finding each, with its evidence."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from statuspin.contract.security import security_schemes
from statuspin.coverage.exercise import is_success
from statuspin.coverage.statuses import Cell, State
from statuspin.findings import Finding, Severity
from statuspin.http.exchange import Exchange
from statuspin.verify.fuzzing import CheckFailure
from statuspin.verify.method_policy import CONFORMANCE_CHECKS
from statuspin.verify.pinning import Outcome, Verdict
from statuspin.verify.verification import Result

Key = tuple[str, str]
"""Operation and status."""

_BROKEN_PROMISE = "A client that relies on the promised response receives a different one."
_NOT_CONFORMING = "promised the response "
_NO_STATE = "the state “"
_STATUS_CHECKS = frozenset(
    {"not_a_server_error", "status_code_conformance", "unsupported_method", "positive_data_acceptance"}
)
_MOST_EVIDENCE = 20
_IGNORED_AUTH = "ignored_auth"
_REFUSALS = (401, 403)


@dataclass
class _Fault:
    """A finding under construction. evidence: further observations of the same fault."""

    finding: Finding
    evidence: list[str]

    @property
    def with_evidence(self) -> Finding:
        shown = list(dict.fromkeys(self.evidence))
        more = [f"and {len(shown) - _MOST_EVIDENCE} more"] if len(shown) > _MOST_EVIDENCE else []
        return replace(self.finding, evidence=(*shown[:_MOST_EVIDENCE], *more))


class Faults:
    """The faults of one result. Wrong statuses come first: pins and checks that observed one are its evidence."""

    def __init__(self, result: Result) -> None:
        """result: the result of the run."""
        self._result, self._pins = result, result.contract.pins
        self._status_faults: dict[Key, _Fault] = {}
        self._pin_faults: dict[Any, _Fault] = {}
        self._by_outcome: dict[str, _Fault] = {}
        self._check_faults: dict[Any, _Fault] = {}
        schemes = security_schemes(result.contract.document).values()
        self._credentials = {"authorization", *(each.parameter.lower() for each in schemes if each.place == "header")}
        self._others: list[_Fault] = []

    def find(self) -> list[Finding]:
        """Return one finding for each fault."""
        for cell in self._result.coverage.cells(State.UNDOCUMENTED, State.BROKEN):
            self._status_faults[cell.operation, cell.key] = _Fault(_status_finding(cell), [])
        for outcome in self._result.with_verdict(Verdict.BROKEN):
            self._add_pin(outcome)
        for failure in self._result.fuzzed.failures if self._result.fuzzed else ():
            self._add_failure(failure)
        if self._result.plan.is_complete:
            for cell in self._result.coverage.cells(State.UNOBSERVED):
                self._add_unobserved(cell)
        found = (*self._pin_faults.values(), *self._status_faults.values(), *self._others)
        return [*(fault.with_evidence for fault in found), *self._find_unsupported()]

    def _add_pin(self, outcome: Outcome) -> None:
        wrong = next(
            (
                self._status_faults[key]
                for key in self._find_keys(_decisive_exchanges(outcome))
                if key in self._status_faults
            ),
            None,
        )
        if wrong is not None:
            wrong.evidence.append(f"pin {outcome}")
            self._by_outcome[outcome.pin.id] = wrong
            return
        key = self._group_key(outcome)
        fault = self._pin_faults.get(key)
        is_refusal = outcome.pin.expected is not None and outcome.pin.expected.answer in _REFUSALS
        if fault is None:
            self._pin_faults[key] = fault = _Fault(_pin_finding(outcome), [])
        else:
            fault.evidence.append(f"pin {outcome}")
        self._by_outcome[outcome.pin.id] = fault
        if is_refusal and outcome.observed.isdigit() and is_success(int(outcome.observed)):
            self._check_faults[outcome.pin.operation, _IGNORED_AUTH, int(outcome.observed)] = fault

    def _group_key(self, outcome: Outcome) -> Any:
        """Return a key that pins share if the same fault broke them: the same body, or the same unavailable state."""
        if outcome.reason.startswith(_NOT_CONFORMING):
            return ("conformance", *self._find_keys(_decisive_exchanges(outcome)), outcome.reason)
        return ("state", outcome.reason) if outcome.reason.startswith(_NO_STATE) else outcome.pin.id

    def _add_failure(self, failure: CheckFailure) -> None:
        text = _describe_failure(failure)
        keys = self._find_keys([failure.exchange] if failure.exchange else [])
        for key in keys:
            if key in self._status_faults and failure.check in _STATUS_CHECKS | CONFORMANCE_CHECKS:
                self._status_faults[key].evidence.append(f"fuzzer {text}")
                return
            if failure.check in CONFORMANCE_CHECKS and (fault := self._find_conformance_fault(key)):
                fault.evidence.append(f"fuzzer {text}")
                return
        self._add_new_failure(failure, text)

    def _add_new_failure(self, failure: CheckFailure, text: str) -> None:
        """Add a failure as a new fault, or as evidence if another check found the same fault."""
        status = failure.exchange.answer.status if failure.exchange and failure.exchange.answer else None
        key = (failure.operation, self._title(failure), status)
        known = self._check_faults.get(key)
        if known is not None:
            known.evidence.append(f"fuzzer {text}")
            return
        self._check_faults[key] = _Fault(_failure_finding(failure, text), [])
        self._others.append(self._check_faults[key])

    def _title(self, failure: CheckFailure) -> str:
        """Return the name of the fault, which is the same for all checks that notice it."""
        message = failure.message.lower()
        if failure.check == "missing_required_header" and any(f"'{name}'" in message for name in self._credentials):
            return _IGNORED_AUTH
        return _IGNORED_AUTH if failure.check == _IGNORED_AUTH else failure.title

    def _find_conformance_fault(self, key: Key) -> _Fault | None:
        """Return the first fault of pins whose responses do not conform to what is documented for a status."""
        groups = (group for group in self._pin_faults if isinstance(group, tuple) and group[0] == "conformance")
        return next((self._pin_faults[group] for group in groups if key in group), None)

    def _add_unobserved(self, cell: Cell) -> None:
        pins = [
            outcome
            for outcome in self._result.outcomes
            if outcome.pin.operation == cell.operation and cell.key in map(str, outcome.pin.statuses)
        ]
        broken = [self._by_outcome[each.pin.id] for each in pins if each.pin.id in self._by_outcome]
        if broken:
            broken[0].evidence.append(
                f"{cell.key} of {cell.operation} is promised, but was not observed because of this fault"
            )
            return
        severity = Severity.WARNING if self._pins.draft else Severity.ERROR
        self._others.append(_Fault(_unobserved_finding(cell, severity), []))

    def _find_unsupported(self) -> Iterator[Finding]:
        """Yield a finding for each method that is not documented and works."""
        booking = self._result.booking
        is_strict = self._pins.unsupported_methods == "strict"
        for cell in self._result.coverage.cells(State.UNSUPPORTED):
            method, path = booking.unsupported[cell.operation]
            if is_success(int(cell.key)) and not booking.is_implicit(method, path):
                yield Finding(
                    "method-undocumented", Severity.ERROR if is_strict else Severity.WARNING, cell.operation,
                    f"status {cell.key}", f"{method} returns {cell.key}, but openapi.yaml does not document the method",
                    after=cell.key, why="Clients do not know the method, and no test covers it.",
                )  # fmt: skip

    def _find_keys(self, exchanges: Iterable[Exchange]) -> list[Key]:
        booked = (self._result.booking.book(each) for each in exchanges if each.answer)
        return list(dict.fromkeys((each.operation, str(each.answer.status)) for each in booked if each.answer))


def _decisive_exchanges(outcome: Outcome) -> list[Exchange]:
    """Return the exchanges that broke a pin: the last one, or those of its race."""
    if outcome.pin.at_once > 1 and outcome.own >= 0:
        return outcome.exchanges[outcome.own :]
    return outcome.exchanges[-1:]


def _status_finding(cell: Cell) -> Finding:
    times = "once" if cell.count == 1 else f"{cell.count} times"
    if cell.state == State.BROKEN:
        return Finding(
            "status-never", Severity.ERROR, cell.operation, f"status {cell.key}",
            f"{cell.key} was observed {times}, but is forbidden", before="never", after=cell.key,
            why="No request may cause this status.",
        )  # fmt: skip
    return Finding(
        "status-undocumented", Severity.ERROR, cell.operation, f"status {cell.key}",
        f"{cell.key} was observed {times}, but openapi.yaml does not document it", after=cell.key,
        why="Clients do not handle a status that is not documented.",
    )  # fmt: skip


def _pin_finding(outcome: Outcome) -> Finding:
    place = outcome.pin.id.removeprefix(f"{outcome.pin.operation} · ")
    return Finding(
        "pin-broken", Severity.ERROR, outcome.pin.operation, place, str(outcome),
        before=outcome.pin.promise, after=outcome.observed, why=_BROKEN_PROMISE,
    )  # fmt: skip


def _unobserved_finding(cell: Cell, severity: Severity) -> Finding:
    return Finding(
        "status-unobserved", severity, cell.operation, f"status {cell.key}",
        f"{cell.key} is promised, but was never observed; add a pin that provokes it", before=cell.key,
        why="The promise is untested.",
    )  # fmt: skip


def _describe_failure(failure: CheckFailure) -> str:
    exchange = failure.exchange
    what = ": ".join(part for part in (failure.title, failure.message[:300]) if part)
    if exchange is None:
        return what
    observed = exchange.answer.status if exchange.answer else "no response"
    return f"{what} ({exchange.sent.method} {exchange.sent.target[:120]} → {observed})"


def _failure_finding(failure: CheckFailure, text: str) -> Finding:
    exchange = failure.exchange
    place = f"{exchange.sent.method} {exchange.sent.target[:120]}" if exchange else ""
    observed = str(exchange.answer.status) if exchange and exchange.answer else ""
    rule = f"fuzzer-{failure.check.replace('_', '-')}"
    return Finding(rule, Severity.ERROR, failure.operation, place, text, after=observed, why=_BROKEN_PROMISE)
