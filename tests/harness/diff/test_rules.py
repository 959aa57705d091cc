from datetime import date

import pytest

from statuspin.diff import RULES, WAIVER_RULES, DeprecationPolicy, Severities
from statuspin.diff.rule import Change
from statuspin.findings import Severity
from tests.harness.diff import rows_of_bodies, rows_of_operations, rows_of_schemas, rows_of_unions, rows_of_webhooks
from tests.harness.diff.specs import received, rules, sent, spec

OPERATIONS = rows_of_operations.ROWS | rows_of_bodies.ROWS | rows_of_webhooks.ROWS
POLICY = DeprecationPolicy(days=30, today=date(2030, 1, 1))
OF_POLICIES = {"operation-removed-after-sunset", "sunset-too-soon"}
SCHEMAS = rows_of_schemas.ROWS | rows_of_unions.ROWS


def _cases(rows):
    return [pytest.param(*row[1:], id=f"{group}-{row[0].replace(' ', '-')}") for group in rows for row in rows[group]]


def _name_rules(direction, kinds):
    return sorted(f"{direction}-{kind}" for kind in kinds.split())


@pytest.mark.parametrize(("old", "new", "forward", "backward"), _cases(OPERATIONS))
def test_operations(old, new, forward, backward):
    assert rules(old, new) == sorted(forward)
    assert rules(new, old) == sorted(backward)


@pytest.mark.parametrize(
    ("old", "new", "request_forward", "request_backward", "response_forward", "response_backward"), _cases(SCHEMAS)
)
def test_schemas(old, new, request_forward, request_backward, response_forward, response_backward):
    assert rules(sent(old), sent(new)) == _name_rules("request", request_forward)
    assert rules(sent(new), sent(old)) == _name_rules("request", request_backward)
    assert rules(received(old), received(new)) == _name_rules("response", response_forward)
    assert rules(received(new), received(old)) == _name_rules("response", response_backward)


def _find_tested_rules():
    names = {rule for rows in OPERATIONS.values() for row in rows for rule in (*row[3], *row[4])}
    for rows in SCHEMAS.values():
        for row in rows:
            names.update(_name_rules("request", f"{row[3]} {row[4]}"), _name_rules("response", f"{row[5]} {row[6]}"))
    return names


def _deprecated_documents(**more):
    return spec(), spec({"deprecated": True} | more)


def test_an_operation_may_be_removed_after_its_sunset_by_policy():
    old = _deprecated_documents(**{"x-sunset": "2029-12-31"})[1]
    assert rules(old, spec(paths={})) == ["path-removed"]
    assert rules(old, spec(paths={}), policy=POLICY) == ["operation-removed-after-sunset"]


def test_a_newly_deprecated_operation_stays_for_the_days_of_the_policy():
    soon, late = (_deprecated_documents(**{"x-sunset": day}) for day in ("2030-01-30", "2030-01-31"))
    assert rules(*soon, policy=POLICY) == ["operation-deprecated", "sunset-too-soon"]
    assert rules(*late, policy=POLICY) == ["operation-deprecated"]
    assert rules(*_deprecated_documents(), policy=POLICY) == ["operation-deprecated", "sunset-too-soon"]


def test_every_rule_has_a_severity_and_a_row():
    of_pins = {rule for rule in Severities.usual().rules if rule.startswith("pin-")}
    assert Severities.usual().rules == RULES | WAIVER_RULES | of_pins
    assert _find_tested_rules() | OF_POLICIES == RULES


BREAKING = [
    "operation-removed",
    "path-removed",
    "success-status-removed",
    "error-status-removed",
    "error-status-exchanged",
    "required-parameter-added",
    "parameter-newly-required",
    "request-property-newly-required",
    "request-type-narrowed",
    "request-enum-narrowed",
    "request-bound-narrowed",
    "request-pattern-changed",
    "response-property-removed",
    "response-type-changed",
    "response-property-optional",
    "response-newly-nullable",
    "response-enum-widened",
    "response-const-changed",
    "response-media-type-removed",
    "request-media-type-removed",
    "security-added",
    "permission-changed",
]


@pytest.mark.parametrize("rule", BREAKING)
def test_a_breaking_change_is_an_error(rule):
    finding = Severities.usual().finding("get_things", "here", Change(rule))
    assert finding.severity is Severity.ERROR
    assert finding.why
