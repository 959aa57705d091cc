"""Run Schemathesis on one server, with all phases and checks. Its requests count for the coverage of the contract."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import schemathesis
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import ConfigError, SchemathesisConfig
from schemathesis.core.errors import HookError, LoaderError
from schemathesis.core.hooks import load_from_path
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import Interaction, ScenarioRecorder
from schemathesis.schemas import BaseSchema

from statuspin.contract.document import Document, Operation
from statuspin.errors import CannotRun
from statuspin.http.client import Resends
from statuspin.http.connection import Connection
from statuspin.http.credentials import Credentials
from statuspin.http.exchange import Answer, Exchange, Sent
from statuspin.verify.fuzz_settings import Budget, fuzz_settings
from statuspin.verify.fuzz_transport import FuzzTransport, authenticate
from statuspin.verify.fuzz_warnings import FuzzWarning, FuzzWarnings


@dataclass(frozen=True)
class CheckFailure:
    """A failed check of the fuzzer. exchange: the request and response that failed it, if known."""

    check: str
    operation: str
    title: str
    message: str
    exchange: Exchange | None


@dataclass
class FuzzedOperation:
    """The fuzzer's requests to one operation.

    cases: number of requests. seconds: total time until their responses. statuses: number of responses by status, for
    requests with the operation's own method.
    """

    cases: int = 0
    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)


@dataclass
class FuzzResult:
    """The result of a run of the fuzzer.

    cases: number of requests. answered: number of responses. checks: names of the checks that ran. warnings: those of
    Schemathesis. errors: problems of the fuzzer itself. unfinished: why it ended early, or an empty string. operations:
    operation to its requests.
    """

    cases: int = 0
    answered: int = 0
    checks: set[str] = field(default_factory=set)
    failures: list[CheckFailure] = field(default_factory=list)
    warnings: list[FuzzWarning] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    unfinished: str = ""
    operations: dict[str, FuzzedOperation] = field(default_factory=dict)


class Fuzzer:
    """One run of the fuzzer over a document."""

    def __init__(
        self,
        document: Document,
        url: str,
        budget: Budget,
        credentials: Callable[[bool], Credentials] | None = None,
        connection: Connection | None = None,
        resends: Resends | None = None,
    ) -> None:
        """credentials: returns the actor's credentials; True requests another login. resends: counts repeated requests.

        Raises CannotRun if the document cannot be loaded.
        """
        self._operations = {operation.label: operation.id for operation in document.operations.values()}
        self._connection = connection or Connection(timeout=budget.seconds)
        self._methods = {operation.id: operation.method.upper() for operation in document.operations.values()}
        schema = _load(document, url, self._connection, budget)
        if budget.methods or budget.operations:
            chosen = {each.label for each in document.operations.values() if _is_chosen(each, budget)}
            schema = schema.include(lambda context: context.operation.label in chosen)  # several `include` are a union
        if budget.skip:
            labels = [operation.label for operation in document.operations.values() if operation.id in budget.skip]
            schema = schema.exclude(name=labels)
        if credentials is not None:
            authenticate(schema, credentials)
        self._schema = schema
        self._warnings = FuzzWarnings(schema)
        self._transport = FuzzTransport(schema, document, url, self._connection, resends or Resends())
        self._stopped = threading.Event()

    def run(
        self, on_exchange: Callable[[Exchange], None], progress: Callable[[str], None] = lambda _: None
    ) -> FuzzResult:
        """Fuzz and return the result.

        on_exchange: receives every exchange, in order. progress: receives the phase and the operation.
        """
        fuzzed, known = FuzzResult(), set[tuple[str, str, str]]()
        deadline = time.monotonic() + self._connection.max_time
        with self._transport as transport:
            stream = from_schema(self._schema).execute()
            transport.stop = stream.stop
            for event in stream:
                self._handle_event(event, fuzzed, known, on_exchange, progress)
                self._warnings.collect(event)
                if self._stopped.is_set():
                    break
                if time.monotonic() > deadline:
                    stream.stop()
        fuzzed.warnings = self._warnings.all
        if transport.unread:
            fuzzed.warnings.append(FuzzWarning("missing_deserializer", tuple(sorted(transport.unread))))
        if transport.is_silent:
            fuzzed.unfinished = (
                f"{transport.unanswered} requests in a row were not answered completely within"
                f" {self._connection.timeout:g} s"
            )
        elif time.monotonic() > deadline:
            fuzzed.unfinished = f"the time limit of {self._connection.max_time:g} s (--max-time) was reached"
        return fuzzed

    @property
    def idle_seconds(self) -> float:
        """Seconds since the last request or response."""
        return time.monotonic() - self._transport.last_activity

    def stop(self) -> None:
        """Stop sending requests."""
        self._stopped.set()
        self._transport.stop()

    def _handle_event(
        self,
        event: events.EngineEvent,
        fuzzed: FuzzResult,
        known: set[tuple[str, str, str]],
        on_exchange: Callable[[Exchange], None],
        progress: Callable[[str], None],
    ) -> None:
        if isinstance(event, events.ScenarioStarted) and event.label:
            progress(f"{event.phase.value}: {event.label}")
        elif isinstance(event, events.ScenarioFinished) and not self._stopped.is_set():
            self._handle_scenario(event.phase.value, event.recorder, fuzzed, known, on_exchange)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            fuzzed.errors.append(_describe_error(event))

    def _handle_scenario(
        self,
        phase: str,
        recorder: ScenarioRecorder,
        fuzzed: FuzzResult,
        known: set[tuple[str, str, str]],
        on_exchange: Callable[[Exchange], None],
    ) -> None:
        exchanges: dict[str, Exchange] = {}
        for case_id, interaction in recorder.interactions.items():
            label = recorder.cases[case_id].value.operation.label
            exchange = _build_exchange(self._operations.get(label, label), interaction, f"fuzzer: {phase}")
            exchanges[case_id] = exchange
            fuzzed.cases += 1
            operation = fuzzed.operations.setdefault(exchange.operation, FuzzedOperation())
            operation.cases += 1
            operation.seconds += exchange.seconds
            if exchange.answer is not None:
                fuzzed.answered += 1
                if exchange.sent.method == self._methods.get(exchange.operation):
                    operation.statuses[exchange.answer.status] += 1
            on_exchange(exchange)
        for case_id, check, failure in _iterate_failures(recorder, fuzzed.checks):
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


def _is_chosen(operation: Operation, budget: Budget) -> bool:
    return (not budget.methods or operation.method.upper() in budget.methods) and (
        not budget.operations or operation.id in budget.operations
    )


def _load(document: Document, url: str, connection: Connection, budget: Budget) -> BaseSchema:
    """Return the schema of a document, with the hooks and the configuration of the budget.

    Raises CannotRun if the document, the hooks or the configuration are invalid.
    """
    labels = {operation.id: operation.label for operation in document.operations.values()}
    settings = fuzz_settings(url, connection, budget, labels)
    name = str(budget.config or "pins.yaml: fuzz")
    try:
        for file in budget.hooks:
            load_from_path(str(file))
        _ensure_checks_exist(budget)
        config = SchemathesisConfig.from_dict(settings)
        return schemathesis.openapi.from_dict(document.raw, config=config)
    except LoaderError as error:
        raise CannotRun(f"{document.name}: {' '.join(str(error).split())}") from None
    except HookError as error:
        reason = error.__cause__ or error
        raise CannotRun(f"{error.module_path}: the hooks cannot be loaded: {type(reason).__name__}: {reason}") from None
    except (ConfigError, ValueError) as error:
        raise CannotRun(f"{name}: {' '.join(str(error).split())[:300]}") from None


def _ensure_checks_exist(budget: Budget) -> None:
    """Raise CannotRun if pins.yaml names a check that neither Schemathesis nor a hook defines."""
    load_all_checks()
    known = CHECKS.get_all_names()
    for name in budget.checks:
        if name not in known:
            close = get_close_matches(name, known, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(sorted(known))}"
            raise CannotRun(f"pins.yaml: fuzz → checks: unknown check {name!r}; {hint}")


def _iterate_failures(recorder: ScenarioRecorder, checks: set[str]) -> Iterator[tuple[str, str, Any]]:
    for case_id, nodes in recorder.checks.items():
        for node in nodes:
            checks.add(node.name)
            if node.status == Status.FAILURE and node.failure_info:
                yield case_id, node.name, node.failure_info.failure


def _build_exchange(operation: str, interaction: Interaction, source: str) -> Exchange:
    request, response = interaction.request, interaction.response
    target = "/" + request.uri.partition("://")[2].partition("/")[2]
    sent = Sent(request.method, target, _flatten(request.headers), request.body or b"")
    if response is None:
        return Exchange(operation, sent, None, 0.0, "no response", source)
    return Exchange(
        operation,
        sent,
        Answer(response.status_code, _flatten(response.headers), response.content),
        response.elapsed,
        "",
        source,
    )


def _flatten(headers: dict[str, list[str]]) -> dict[str, str]:
    return {name.lower(): ", ".join(values) for name, values in headers.items()}


def _describe_error(event: Any) -> str:
    if isinstance(event, events.NonFatalError):
        return f"{event.label}: {event.info.title}: {' '.join(event.info.message.split())[:300]}"
    return f"{type(event.exception).__name__}: {event.exception}"
