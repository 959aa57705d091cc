import pytest

from statuspin.diff import RULES, WAIVER_RULES, Severities
from statuspin.diff.changes import Change
from statuspin.findings import Severity
from tests.harness.diff import rows_of_bodies, rows_of_operations, rows_of_schemas, rows_of_unions
from tests.harness.diff.specs import received, rules, sent

OPERATIONS = rows_of_operations.ROWS | rows_of_bodies.ROWS
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


def test_every_rule_has_a_weight_and_a_row():
    of_pins = {rule for rule in Severities.usual().rules if rule.startswith("pin-")}
    assert Severities.usual().rules == RULES | WAIVER_RULES | of_pins
    assert _exercised() == RULES


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
