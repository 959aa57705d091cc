"""Schemathesis on one server: every phase, every check; what it sends counts in the coverage of the pins."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.errors import LoaderError
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import Interaction, ScenarioRecorder
from schemathesis.schemas import BaseSchema

from statuspin.contract.document import METHODS, Document
from statuspin.errors import CannotRun
from statuspin.http.exchange import Answer, Exchange, Sent

PHASES = ("examples", "coverage", "fuzzing", "stateful")


@dataclass(frozen=True)
class Budget:
    """How much is fuzzed. examples: at the most, per operation and phase.

    seconds: for each answer. methods, operations: the ones to send, empty for all. untried: methods (`DELETE`) that
    paths may have and the document does not know: they are not sent, and Allow may name them. most_failures: after
    which it stops.
    """

    examples: int = 25
    seed: int = 1
    seconds: float = 30.0
    methods: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    untried: frozenset[str] = frozenset()
    most_failures: int | None = None
    phases: tuple[str, ...] = PHASES


@dataclass(frozen=True)
class CheckFailure:
    """A check of the fuzzer that failed. exchange: what it failed on, where there is one."""

    check: str
    operation: str
    title: str
    message: str
    exchange: Exchange | None


@dataclass
class FuzzResult:
    """What came of it. cases: requests sent. answered: those that got an answer. errors: what hindered the fuzzer."""

    cases: int = 0
    answered: int = 0
    checks: set[str] = field(default_factory=set)
    failures: list[CheckFailure] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Fuzzer:
    """One run of the fuzzer over a document."""

    def __init__(self, document: Document, url: str, authorization: str | None, budget: Budget) -> None:
        """authorization: the header of every request. Raises CannotRun where the document cannot be loaded."""
        self._operations = {operation.label: operation.id for operation in document.operations.values()}
        config = SchemathesisConfig.from_dict(_settings(url, authorization, budget))
        try:
            schema: BaseSchema = schemathesis.openapi.from_dict(document.raw, config=config)
        except LoaderError as error:
            raise CannotRun(f"{document.name}: {' '.join(str(error).split())}") from None
        if budget.methods:
            schema = schema.include(method=list(budget.methods))
        if budget.operations:
            chosen = [
                operation.label for operation in document.operations.values() if operation.id in budget.operations
            ]
            schema = schema.include(name=chosen)
        self._schema = schema
        self._stop = threading.Event()

    def run(self, seen: Callable[[Exchange], None], progress: Callable[[str], None] = lambda _: None) -> FuzzResult:
        """Fuzz, show every exchange to `seen` in order, and tell `progress` what is being done."""
        fuzzed, known = FuzzResult(), set[tuple[str, str, str]]()
        for event in from_schema(self._schema).execute():
            if self._stop.is_set():
                break
            if isinstance(event, events.ScenarioStarted) and event.label:
                progress(f"{event.phase.value}: {event.label}")
            elif isinstance(event, events.ScenarioFinished):
                self._take(event.phase.value, event.recorder, fuzzed, known, seen)
            elif isinstance(event, events.NonFatalError | events.FatalError):
                fuzzed.errors.append(_said(event))
        return fuzzed

    def stop(self) -> None:
        """Send no more."""
        self._stop.set()

    def _take(
        self,
        phase: str,
        recorder: ScenarioRecorder,
        fuzzed: FuzzResult,
        known: set[tuple[str, str, str]],
        seen: Callable[[Exchange], None],
    ) -> None:
        exchanges: dict[str, Exchange] = {}
        for case_id, interaction in recorder.interactions.items():
            label = recorder.cases[case_id].value.operation.label
            exchange = _exchange(self._operations.get(label, label), interaction, f"fuzzer: {phase}")
            exchanges[case_id] = exchange
            fuzzed.cases += 1
            fuzzed.answered += exchange.answer is not None
            seen(exchange)
        for case_id, check, failure in _failures(recorder, fuzzed.checks):
            found = CheckFailure(
                check=check,
                operation=self._operations.get(failure.operation, failure.operation),
                title=failure.title,
                message=" ".join(failure.message.split()),
                exchange=exchanges.get(failure.case_id or case_id, exchanges.get(case_id)),
            )
            key = (found.check, found.operation, found.title)
            if key not in known:
                known.add(key)
                fuzzed.failures.append(found)


def _settings(url: str, authorization: str | None, budget: Budget) -> dict[str, Any]:
    """Schemathesis' configuration: nothing is remembered between runs, on one thread, so that a seed says all."""
    settings: dict[str, Any] = {
        "base-url": url,
        "seed": budget.seed,
        "workers": 1,
        "continue-on-failure": budget.most_failures is None,
        "request-timeout": budget.seconds,
        "cache": {"enabled": False},
        "generation": {"max-examples": budget.examples, "database": "none", "no-shrink": False},
        "phases": {name: {"enabled": name in budget.phases} for name in PHASES},
        "analysis": {"constants": {"enabled": False}},
    }
    if budget.methods:  # else the coverage phase tries those that a path does not have, DELETE among them
        settings["phases"]["coverage"]["unexpected-methods"] = ["OPTIONS"]
    elif budget.untried:
        tried = [each for each in METHODS if each != "head" and each.upper() not in budget.untried]
        settings["phases"]["coverage"]["unexpected-methods"] = tried
        settings["checks"] = {"allow_header_conformance": {"enabled": False}}  # it names what there is by now
    if budget.most_failures is not None:
        settings["max-failures"] = budget.most_failures
    if authorization is not None:
        settings["headers"] = {"Authorization": authorization}
    return settings


def _failures(recorder: ScenarioRecorder, checks: set[str]) -> Iterator[tuple[str, str, Any]]:
    for case_id, nodes in recorder.checks.items():
        for node in nodes:
            checks.add(node.name)
            if node.status == Status.FAILURE and node.failure_info:
                yield case_id, node.name, node.failure_info.failure


def _exchange(operation: str, interaction: Interaction, source: str) -> Exchange:
    request, response = interaction.request, interaction.response
    target = "/" + request.uri.partition("://")[2].partition("/")[2]
    sent = Sent(request.method, target, _flat(request.headers), request.body or b"")
    if response is None:
        return Exchange(operation, sent, None, 0.0, "no answer", source)
    return Exchange(
        operation,
        sent,
        Answer(response.status_code, _flat(response.headers), response.content),
        response.elapsed,
        "",
        source,
    )


def _flat(headers: dict[str, list[str]]) -> dict[str, str]:
    return {name.lower(): ", ".join(values) for name, values in headers.items()}


def _said(event: Any) -> str:
    if isinstance(event, events.NonFatalError):
        return f"{event.label}: {event.info.title}: {' '.join(event.info.message.split())[:300]}"
    return f"{type(event.exception).__name__}: {event.exception}"
