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


def _named(direction, kinds):
    return sorted(f"{direction}-{kind}" for kind in kinds.split())


@pytest.mark.parametrize(("old", "new", "there", "back"), _cases(OPERATIONS))
def test_operations(old, new, there, back):
    assert rules(old, new) == sorted(there)
    assert rules(new, old) == sorted(back)


@pytest.mark.parametrize(("old", "new", "sent_there", "sent_back", "received_there", "received_back"), _cases(SCHEMAS))
def test_schemas(old, new, sent_there, sent_back, received_there, received_back):
    assert rules(sent(old), sent(new)) == _named("request", sent_there)
    assert rules(sent(new), sent(old)) == _named("request", sent_back)
    assert rules(received(old), received(new)) == _named("response", received_there)
    assert rules(received(new), received(old)) == _named("response", received_back)


def _exercised():
    said = {rule for rows in OPERATIONS.values() for row in rows for rule in (*row[3], *row[4])}
    for rows in SCHEMAS.values():
        for row in rows:
            said.update(_named("request", f"{row[3]} {row[4]}"), _named("response", f"{row[5]} {row[6]}"))
    return said


def _old_and_deprecated(**more):
    return spec(), spec({"deprecated": True} | more)


def test_an_operation_may_go_after_its_sunset_if_the_policy_says_so():
    old = _old_and_deprecated(**{"x-sunset": "2029-12-31"})[1]
    assert rules(old, spec(paths={})) == ["path-removed"]
    assert rules(old, spec(paths={}), policy=POLICY) == ["operation-removed-after-sunset"]


def test_a_newly_deprecated_operation_stays_for_the_days_of_the_policy():
    soon, late = (_old_and_deprecated(**{"x-sunset": day}) for day in ("2030-01-30", "2030-01-31"))
    assert rules(*soon, policy=POLICY) == ["operation-deprecated", "sunset-too-soon"]
    assert rules(*late, policy=POLICY) == ["operation-deprecated"]
    assert rules(*_old_and_deprecated(), policy=POLICY) == ["operation-deprecated", "sunset-too-soon"]


def test_every_rule_has_a_weight_and_a_row():
    of_pins = {rule for rule in Severities.usual().rules if rule.startswith("pin-")}
    assert Severities.usual().rules == RULES | WAIVER_RULES | of_pins
    assert _exercised() | OF_POLICIES == RULES


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
def test_what_breaks_clients_is_an_error(rule):
    finding = Severities.usual().finding("get_things", "here", Change(rule))
    assert finding.severity is Severity.ERROR
    assert finding.why
