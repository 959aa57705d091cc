"""Convert the record of a run to a report, which every format renders. Pins and fuzzed operations become cases."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from statuspin.errors import CannotRun
from statuspin.findings import Finding, Location, Severity
from statuspin.formats import Case, Outcome, Report, Words

_UNTESTED, _PIN, _CHECK = "operation-untested", "pin ", "fuzzer-"
_ALL_KEPT = "every promise is kept"
_TESTED_KEPT = "every promise that was tested is kept"
SKIPPED_RULES = frozenset({"pins-skipped", "budgets-skipped", "fuzzer-skipped", "fuzzer-hindered"})
"""Rules whose findings state that a part was not tested."""

_OUTCOMES = {"kept": Outcome.PASSED, "broken": Outcome.FAILED, "skipped": Outcome.SKIPPED}


def convert_record(record: dict[str, Any], *, fail_on_skipped: bool = False) -> Report:
    """Return the findings and cases of a record. Raises CannotRun if the record is incomplete.

    fail_on_skipped: whether a skipped case fails the report.
    """
    try:
        findings = tuple(_finding(each, record) for each in record["findings"])
        cases = (*_pin_cases(record, findings), *_fuzzer_cases(record, findings), *_other_cases(findings))
        contract = record["contract"]
        title = f"{contract['title']} {contract['release']} at {record['url']}"
        is_complete = record["whole"] and not any(case.outcome is Outcome.SKIPPED for case in cases)
        nothing = _ALL_KEPT if is_complete else _TESTED_KEPT
        words, file = Words(note="not tested", nothing=nothing), contract["file"]
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise CannotRun(f"the record of the run is incomplete: {' '.join(str(error).split())[:120]}") from None
    return Report("statuspin verify", title, file, findings, words, cases=cases, fail_on_skipped=fail_on_skipped)


def _finding(raw: dict[str, Any], record: dict[str, Any]) -> Finding:
    texts = {name: raw[name] for name in ("operation", "place", "message", "before", "after", "why", "witness")}
    evidence, accepted = tuple(raw.get("evidence", ())), raw.get("accepted", "")
    severity, location = Severity(raw["severity"]), Location(**raw["location"])
    return Finding(
        raw["rule"],
        severity,
        **texts,
        evidence=evidence,
        accepted=accepted,
        request=find_request(raw, record),
        new=location,
    )


def find_request(finding: dict[str, Any], record: dict[str, Any]) -> str:
    """Return the curl command of the request that shows a finding of a record, or an empty string."""
    rule, operation, place = finding["rule"], finding["operation"], finding["place"]
    for pin in record["pins"]:
        if pin["verdict"] == "broken" and pin["id"] == f"{operation} · {place}":
            return _curl(pin["request"], record)
    for complaint in (record["fuzzer"] or {}).get("complaints", []):
        if rule == f"fuzzer-{complaint['check'].replace('_', '-')}" and complaint["operation"] == operation:
            return _curl(complaint["exchange"], record)
    for cell in record["cells"]:
        if cell["operation"] == operation and place == f"status {cell['status']}" and cell["exchanges"]:
            return _curl(cell["exchanges"][0], record)
    return ""


def _curl(number: int | None, record: dict[str, Any]) -> str:
    return "" if number is None else str(record["exchanges"][number]["curl"])


def _pin_cases(record: dict[str, Any], findings: tuple[Finding, ...]) -> Iterator[Case]:
    accepted = _accepted_pins(findings)
    for pin in record["pins"]:
        outcome = _OUTCOMES[pin["verdict"]]
        if outcome is Outcome.FAILED and pin["id"] in accepted:
            place = pin["id"].removeprefix(f"{pin['operation']} · ")
            yield Case(pin["operation"], place, Outcome.SKIPPED, pin["seconds"], accepted[pin["id"]])
            continue
        differs = f"promised {pin['promise']}, observed {pin['observed']}" if outcome is Outcome.FAILED else ""
        yield Case(
            pin["operation"],
            pin["id"].removeprefix(f"{pin['operation']} · "),
            outcome,
            pin["seconds"],
            pin["reason"] or differs,
            _curl(pin["request"], record) if outcome is Outcome.FAILED else "",
        )


def _accepted_pins(findings: tuple[Finding, ...]) -> dict[str, str]:
    """Return the reasons why broken pins are accepted, by the ids of the pins."""
    accepted: dict[str, str] = {}
    for finding in findings:
        pins = [each.removeprefix(_PIN).partition(" → ")[0] for each in finding.evidence if each.startswith(_PIN)]
        if finding.accepted:
            accepted |= dict.fromkeys([*pins, f"{finding.operation} · {finding.place}"], finding.accepted)
    return accepted


def _accepted_checks(findings: tuple[Finding, ...], operation: str) -> str:
    """Return why the failed checks of an operation are accepted, or an empty string if at least one is not accepted."""
    own = [
        each
        for each in findings
        if each.operation == operation
        and (each.rule.startswith(_CHECK) or any(text.startswith("fuzzer ") for text in each.evidence))
    ]
    return " ".join(dict.fromkeys(each.accepted for each in own)) if own and all(each.accepted for each in own) else ""


def _fuzzer_cases(record: dict[str, Any], findings: tuple[Finding, ...]) -> Iterator[Case]:
    fuzzer = record["fuzzer"]
    if fuzzer is None:
        return
    sent = {each["operation"]: each for each in fuzzer["operations"]}
    untested = {each["operation"]: each for each in record["findings"] if each["rule"] == _UNTESTED}
    own = (each["id"] for each in record["operations"] if not each.get("unsupported"))
    for name in dict.fromkeys([*own, *sent]):
        complaints = [each for each in fuzzer["complaints"] if each["operation"] == name]
        case = _fuzzer_case(name, sent.get(name), complaints, record)
        if case.outcome is Outcome.FAILED and (reason := _accepted_checks(findings, name)):
            case = replace(case, outcome=Outcome.SKIPPED, message=reason, request="")
        if case.outcome is Outcome.PASSED and name in untested:
            is_allowed = untested[name]["severity"] != Severity.ERROR.value
            outcome = Outcome.SKIPPED if is_allowed else Outcome.FAILED
            case = replace(case, outcome=outcome, message=untested[name]["message"])
        yield case


def _fuzzer_case(
    name: str, sent: dict[str, Any] | None, complaints: list[dict[str, Any]], record: dict[str, Any]
) -> Case:
    if sent is None and not complaints:
        return Case(name, "fuzzer", Outcome.SKIPPED, message="the fuzzer did not send it a request")
    seconds = sent["seconds"] if sent else 0.0
    if not complaints:
        return Case(name, "fuzzer", Outcome.PASSED, seconds, f"{sent['cases'] if sent else 0} requests")
    message = "; ".join(f"{each['title']}: {each['message'][:300]}" for each in complaints)
    return Case(name, "fuzzer", Outcome.FAILED, seconds, message, _curl(complaints[0]["exchange"], record))


def _other_cases(findings: tuple[Finding, ...]) -> Iterator[Case]:
    """Yield a case for each finding that is not about a pin or a fuzzed operation."""
    for finding in findings:
        if finding.rule in {"pin-broken", "pins-skipped"} or (finding.rule.startswith("fuzzer-") and finding.operation):
            continue
        if finding.rule == _UNTESTED and finding.operation:
            continue
        outcome = Outcome.FAILED if finding.severity is Severity.ERROR else Outcome.PASSED
        outcome = Outcome.SKIPPED if finding.rule in SKIPPED_RULES or finding.accepted else outcome
        name = " · ".join(part for part in (finding.place, finding.rule) if part)
        yield Case(finding.operation, name, outcome, 0.0, finding.message, finding.request)
