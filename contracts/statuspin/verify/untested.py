"""Find operations that the fuzzer did not really test, because the server rejected almost all of its requests."""

from collections import Counter
from collections.abc import Iterator

from statuspin.coverage.exercise import MISSING, TURNED_AWAY, is_success
from statuspin.findings import Finding, Severity
from statuspin.verify.fuzz_warnings import NOT_COMPARED, UNTESTED, FuzzWarning
from statuspin.verify.verification import Result

_SHARE = 0.9
_WHY = "A successful run would vouch for promises that were not tested."
_SHOWN = 6


def find_untested(result: Result) -> dict[str, str]:
    """Return the untested operations, each with the reason.

    An operation is untested if at least 90 % of its responses to the fuzzer are 401, 403, 404 or 429. 404 counts only
    if the operation never succeeded, neither for a pin nor for the fuzzer.
    """
    if result.fuzzed is None:
        return {}
    succeeded = {
        cell.operation for cell in result.coverage.cells() if any(is_success(status) for status in cell.statuses)
    }
    found = {}
    for operation in result.contract.document.operations:
        fuzzed = result.fuzzed.operations.get(operation)
        counts = fuzzed.statuses if fuzzed else Counter[int]()
        refused = (*TURNED_AWAY, *(() if operation in succeeded else (MISSING,)))
        kinds = {status: counts[status] for status in sorted(refused) if counts[status]}
        if kinds and sum(kinds.values()) >= _SHARE * counts.total():
            said = ", ".join(f"{status} × {count}" for status, count in kinds.items())
            found[operation] = (
                f"{sum(kinds.values())} of {counts.total()} responses to the fuzzer are rejections ({said})"
            )
    return found


def untested_findings(result: Result) -> Iterator[Finding]:
    """Yield a finding for each untested operation, a note if it is allowed, and Schemathesis' own warnings."""
    operations = find_untested(result)
    allowed = {*result.contract.pins.fuzz.allow_untested, *result.plan.allow_untested}
    labels = {each.label: each.id for each in result.contract.document.operations.values()}
    for name, reason in operations.items():
        severity = Severity.NOTE if name in allowed else Severity.ERROR
        permitted = " That is allowed." if name in allowed else ""
        yield Finding(
            "operation-untested", severity, name, "fuzzer", f"not tested: {reason}.{permitted}",
            after=reason.partition("(")[2].partition(" ")[0], why="" if permitted else _WHY,
        )  # fmt: skip
    yield from _find_empty_run(result)
    for warning in result.fuzzed.warnings if result.fuzzed else ():
        names = [labels.get(label, label) for label in warning.labels]
        new = [name for name in names if warning.kind not in UNTESTED or name not in operations]
        if new:
            more = f" and {len(new) - _SHOWN} more" if len(new) > _SHOWN else ""
            yield Finding(
                "fuzzer-warning", _severity(warning), new[0] if len(new) == 1 else "", warning.kind,
                f"Schemathesis warns: {warning.meaning} ({', '.join(new[:_SHOWN])}{more})",
                evidence=tuple(new[_SHOWN:]),
            )  # fmt: skip
    skipped = result.contract.pins.fuzz.skip
    if result.fuzzed and skipped:
        yield Finding(
            "fuzzer-skipped", Severity.NOTE, "", "fuzz → skip", f"not fuzzed because of pins.yaml: {', '.join(skipped)}"
        )


def _severity(warning: FuzzWarning) -> Severity:
    return Severity.NOTE if warning.kind in NOT_COMPARED else Severity.WARNING


def _find_empty_run(result: Result) -> Iterator[Finding]:
    """Yield a finding if no pin and no fuzzer sent a request."""
    is_tested = any(outcome.exchanges for outcome in result.outcomes) or bool(result.fuzzed and result.fuzzed.cases)
    if not is_tested:
        yield Finding(
            "operation-untested",
            Severity.ERROR,
            "",
            "run",
            "not tested: no pin was run, and no operation was fuzzed",
            why=_WHY,
        )
