"""What a result says, as findings."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from statuspin.contract.base_paths import rebased
from statuspin.coverage.statuses import State
from statuspin.findings import Finding, Severity
from statuspin.http.redaction import Redaction
from statuspin.verify.pinning import Verdict
from statuspin.verify.verification import Result

_BROKEN_PROMISE = "A client that relies on the promised answer meets another one."


def findings(result: Result) -> list[Finding]:
    """Everything that is wrong, to look at, or left out, without tokens and passwords; errors first."""
    hide, order = Redaction.of(result.contract), list(Severity)
    found = [
        replace(each, place=hide.text(each.place), message=hide.text(each.message))
        for each in (
            *_pins(result),
            *_cells(result),
            *_fuzzer(result),
            *_level(result),
            *_unfinished(result),
            *_base_path(result),
            *_skipped(result),
            *_resent(result),
        )
    ]
    return sorted(found, key=lambda finding: order.index(finding.severity))


def _pins(result: Result) -> Iterator[Finding]:
    for outcome in result.of(Verdict.BROKEN):
        place = outcome.pin.id.removeprefix(f"{outcome.pin.operation} · ")
        yield Finding(
            "pin-broken", Severity.ERROR, outcome.pin.operation, place, str(outcome),
            before=outcome.pin.promise, after=outcome.observed, why=_BROKEN_PROMISE,
        )  # fmt: skip


def _cells(result: Result) -> Iterator[Finding]:
    coverage, pinned = (
        result.coverage,
        {(pin.operation, str(status)) for pin in result.contract.matrix for status in pin.statuses},
    )
    for cell in coverage.cells(State.UNDOCUMENTED):
        yield Finding(
            "status-undocumented", Severity.ERROR, cell.operation, f"status {cell.key}",
            f"{cell.key} was observed {cell.count} times, and openapi.yaml does not name it", after=cell.key,
            why="A client is not written for a status that it was not told of.",
        )  # fmt: skip
    for cell in coverage.cells(State.BROKEN):
        yield Finding(
            "status-never", Severity.ERROR, cell.operation, f"status {cell.key}",
            f"{cell.key} was observed {cell.count} times, and is never to be", before="never", after=cell.key,
            why="It is a fault of the service, whatever the request was.",
        )  # fmt: skip
    if not result.plan.whole:
        return
    for cell in coverage.cells(State.UNOBSERVED):
        mend = "its pins were not kept" if (cell.operation, cell.key) in pinned else "add a pin that provokes it"
        yield Finding(
            "status-unobserved", Severity.ERROR, cell.operation, f"status {cell.key}",
            f"{cell.key} is promised, and was never observed: {mend}", before=cell.key,
            why="Nobody knows whether the promise is true.",
        )  # fmt: skip


def _fuzzer(result: Result) -> Iterator[Finding]:
    if result.fuzzed is None:
        return
    for failure in result.fuzzed.failures:
        exchange = failure.exchange
        asked = f"{exchange.sent.method} {exchange.sent.target[:120]}" if exchange else ""
        observed = str(exchange.answer.status) if exchange and exchange.answer else ""
        what = ": ".join(part for part in (failure.title, failure.message[:300]) if part)
        yield Finding(
            f"fuzzer-{failure.check.replace('_', '-')}", Severity.ERROR, failure.operation, asked,
            f"{what} ({asked} → {observed or 'no answer'})" if asked else what, after=observed, why=_BROKEN_PROMISE,
        )  # fmt: skip
    if result.fuzzed.cases and not result.fuzzed.answered:
        yield Finding(
            "fuzzer-unanswered", Severity.ERROR, "", "fuzzer", f"none of {result.fuzzed.cases} requests was answered",
            why="Nothing is known of any promise.",
        )  # fmt: skip
    for error in result.fuzzed.errors:
        yield Finding("fuzzer-hindered", Severity.WARNING, "", "fuzzer", error)


def _level(result: Result) -> Iterator[Finding]:
    wanted, reached = result.contract.pins.level, result.criteria.level
    if not result.plan.whole or result.of(Verdict.SKIPPED) or reached >= wanted:
        return
    unmet = [criterion for criterion in result.criteria.all if criterion.level <= wanted and not criterion.met]
    missing = "; ".join(f"{each.name}: {', '.join(each.missing[:3])}" for each in unmet)
    yield Finding(
        "coverage-level", Severity.ERROR, "", "coverage",
        f"the run reaches level {reached}; missing for {wanted}: {missing}", before=str(wanted), after=str(reached),
        why="Less of the contract is looked at than before.",
    )  # fmt: skip


def _unfinished(result: Result) -> Iterator[Finding]:
    for reason in result.unfinished:
        yield Finding(
            "run-unfinished", Severity.ERROR, "", reason.partition(":")[0], reason,
            why="What was not asked may be wrong.",
        )  # fmt: skip


def _base_path(result: Result) -> Iterator[Finding]:
    """If nothing but 404 was observed, the paths are probably those of another base URL."""
    observed = [cell for cell in result.coverage.cells() if cell.count]
    others = rebased(result.contract.document, result.url)
    if observed and others and all(cell.statuses == {404} for cell in observed):
        yield Finding(
            "base-path", Severity.ERROR, "", "servers",
            f"every answer was 404; `servers` of the document has a base path: try --url {others[0]}", after="404",
            why="Nothing of the API was reached.",
        )  # fmt: skip


def _resent(result: Result) -> Iterator[Finding]:
    for count, reason in (
        (result.resends.closed, "the server had closed the idle connection"),
        (result.resends.limited, "the server asked for a pause (Retry-After)"),
        (result.resends.renewed, "the login had expired (401) and was renewed"),
    ):
        if count:
            requests = "request was" if count == 1 else "requests were"
            yield Finding("requests-resent", Severity.NOTE, "", "requests", f"{count} {requests} sent again: {reason}")


def _skipped(result: Result) -> Iterator[Finding]:
    reasons = [outcome.skipped for outcome in result.of(Verdict.SKIPPED) if outcome.skipped]
    for kind, count in Counter(reason.kind for reason in reasons).items():
        names = ", ".join(
            dict.fromkeys(f"“{reason.name}”" for reason in reasons if reason.kind == kind and reason.name)
        )
        yield Finding("pins-skipped", Severity.NOTE, "", "pins", f"{count} pins skipped: {kind} {names}".rstrip())
    budgets = [
        outcome for outcome in result.outcomes if outcome.pin.expected and outcome.pin.expected.statements is not None
    ]
    unknown = [outcome for outcome in budgets if outcome.verdict == Verdict.KEPT and outcome.statements is None]
    if unknown:
        yield Finding(
            "budgets-skipped", Severity.NOTE, "", "statement budgets",
            f"{len(unknown)} skipped: the server does not tell its statements in Server-Timing",
        )  # fmt: skip
