"""The findings of a run: faults, untested operations, and skipped parts."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from statuspin.contract.base_paths import add_base_paths
from statuspin.findings import Finding, Severity
from statuspin.http.redaction import Redaction
from statuspin.verify.faults import Faults
from statuspin.verify.pinning import Verdict
from statuspin.verify.untested import untested_findings
from statuspin.verify.verification import Result


def findings(result: Result) -> list[Finding]:
    """Return the findings of a run: errors, then warnings, then notes. Secrets are replaced."""
    hide, order = Redaction.from_contract(result.contract, result.secrets), list(Severity)
    found = [
        replace(
            each, place=hide.text(each.place), message=hide.text(each.message),
            evidence=tuple(map(hide.text, each.evidence)),
        )
        for each in (
            *Faults(result).find(),
            *_find_fuzzer_errors(result),
            *untested_findings(result),
            *_find_missed_level(result),
            *_find_unfinished_phases(result),
            *_find_wrong_base_path(result),
            *_count_skipped_pins(result),
            *_count_resent_requests(result),
        )
    ]  # fmt: skip
    return sorted(found, key=lambda finding: order.index(finding.severity))


def _find_fuzzer_errors(result: Result) -> Iterator[Finding]:
    if result.fuzzed is None:
        return
    if result.fuzzed.cases and not result.fuzzed.answered:
        yield Finding(
            "fuzzer-unanswered", Severity.ERROR, "", "fuzzer", f"{result.fuzzed.cases} requests had no response",
            why="No promise was tested.",
        )  # fmt: skip
    for error in result.fuzzed.errors:
        yield Finding("fuzzer-hindered", Severity.WARNING, "", "fuzzer", error)


def _find_missed_level(result: Result) -> Iterator[Finding]:
    wanted, reached = result.contract.pins.level, result.criteria.level
    if not result.plan.is_complete or result.with_verdict(Verdict.SKIPPED) or reached >= wanted:
        return
    unmet = [criterion for criterion in result.criteria.all if criterion.level <= wanted and not criterion.met]
    missing = "; ".join(f"{each.name}: {', '.join(each.missing[:3])}" for each in unmet)
    yield Finding(
        "coverage-level", Severity.ERROR, "", "coverage",
        f"the run reaches level {reached}; missing for {wanted}: {missing}", before=str(wanted), after=str(reached),
        why="The run tests less of the contract than pins.yaml requires.",
    )  # fmt: skip


def _find_unfinished_phases(result: Result) -> Iterator[Finding]:
    for reason in result.unfinished:
        yield Finding(
            "run-unfinished", Severity.ERROR, "", reason.partition(":")[0], reason,
            why="The parts that were not tested may have faults.",
        )  # fmt: skip


def _find_wrong_base_path(result: Result) -> Iterator[Finding]:
    """Yield a finding if every response was 404, because the base URL is then probably wrong."""
    observed = [cell for cell in result.coverage.cells() if cell.count]
    others = add_base_paths(result.contract.document, result.url)
    if not observed or not all(cell.statuses == {404} for cell in observed):
        return
    operations = [result.contract.document.operations.get(cell.operation) for cell in observed]
    if others:
        advice = f"`servers` of the document has a base path: try --url {others[0]}"
    # Paths with parameters may return 404 because a resource is missing.
    elif any(operation and "{" not in operation.path for operation in operations):
        advice = f"the server may have a base path that the document lacks, as in --url {result.url}/api"
    else:
        return
    yield Finding(
        "base-path", Severity.ERROR, "", "servers", f"every response was 404; {advice}", after="404",
        why="No operation of the API was reached.",
    )  # fmt: skip


def _count_resent_requests(result: Result) -> Iterator[Finding]:
    for count, reason in (
        (result.resends.closed, "the server had closed the idle connection"),
        (result.resends.limited, "the server asked for a pause (Retry-After)"),
        (result.resends.renewed, "the login had expired (401) and was renewed"),
    ):
        if count:
            requests = "request was" if count == 1 else "requests were"
            yield Finding("requests-resent", Severity.NOTE, "", "requests", f"{count} {requests} sent again: {reason}")


def _count_skipped_pins(result: Result) -> Iterator[Finding]:
    reasons = [outcome.skipped for outcome in result.with_verdict(Verdict.SKIPPED) if outcome.skipped]
    for kind, count in Counter(reason.kind for reason in reasons).items():
        names = ", ".join(
            dict.fromkeys(f"“{reason.name}”" for reason in reasons if reason.kind == kind and reason.name)
        )
        pins = "1 pin" if count == 1 else f"{count} pins"
        yield Finding("pins-skipped", Severity.NOTE, "", "pins", f"{pins} skipped: {kind} {names}".rstrip())
    budgets = [
        outcome for outcome in result.outcomes if outcome.pin.expected and outcome.pin.expected.statements is not None
    ]
    unknown = [outcome for outcome in budgets if outcome.verdict == Verdict.KEPT and outcome.statements is None]
    if unknown:
        yield Finding(
            "budgets-skipped", Severity.NOTE, "", "statement budgets",
            f"{len(unknown)} skipped: the server does not send its statements in Server-Timing",
        )  # fmt: skip
