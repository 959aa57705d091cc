from datetime import date

import pytest

from statuspin.diff import RULES, compare, read_waivers, waive
from statuspin.errors import CannotRun
from statuspin.findings import Severity
from tests.harness.diff.specs import answers

_DAY = date(2030, 5, 31)
_ENTRY = {
    "rule": "error-status-exchanged",
    "operation": "get_things",
    "place": "response 404",
    "reason": "no client is left",
    "expires": "2030-05-31",
}


def _written(tmp_path, *entries):
    file = tmp_path / "waivers.yaml"
    lines = [
        f"{'-' if not place else ' '} {key}: {value}"
        for entry in entries
        for place, (key, value) in enumerate(entry.items())
    ]
    file.write_text("\n".join(lines))
    return file


def _compare_with_waivers(tmp_path, today, *entries):
    findings = compare(answers("200 404"), answers("200 403")).findings
    findings = waive(findings, read_waivers(_written(tmp_path, *entries), RULES), today)
    return [(each.rule, each.severity) for each in findings], [each.message for each in findings]


def test_a_waived_finding_is_a_note_with_the_reason(tmp_path):
    severities, messages = _compare_with_waivers(tmp_path, _DAY, _ENTRY)
    assert severities == [("error-status-exchanged", Severity.NOTE)]
    assert messages == ["The status 404 was replaced by 403. Waived until 2030-05-31: no client is left"]


@pytest.mark.parametrize("change", [{"operation": '"*"'}, {"place": "null"}], ids=["every operation", "every place"])
def test_a_waiver_may_cover_all_operations_or_places(tmp_path, change):
    severities, _ = _compare_with_waivers(tmp_path, _DAY, _ENTRY | change)
    assert severities == [("error-status-exchanged", Severity.NOTE)]


def test_an_expired_waiver_is_an_error(tmp_path):
    severities, messages = _compare_with_waivers(tmp_path, date(2030, 6, 1), _ENTRY)
    assert severities == [("error-status-exchanged", Severity.ERROR), ("waiver-expired", Severity.ERROR)]
    assert messages[1] == ("The waiver of error-status-exchanged (get_things · response 404) ended on 2030-05-31.")


@pytest.mark.parametrize(
    "change",
    [{"operation": "other"}, {"place": "response 500"}, {"rule": "error-status-removed"}],
    ids=["operation", "place", "rule"],
)
def test_an_unused_waiver_is_a_warning(tmp_path, change):
    severities, _ = _compare_with_waivers(tmp_path, _DAY, _ENTRY | change)
    assert severities == [("error-status-exchanged", Severity.ERROR), ("waiver-unused", Severity.WARNING)]


MALFORMED = [
    ("no list", "rule: a", "write a list of waivers"),
    ("no object", "- a", "entry 1: write an object with rule, operation, reason, expires"),
    ("no reason", "- {rule: path-removed, operation: a, expires: 2030-01-01}", "entry 1: `reason` has to be a string"),
    ("blank reason", "- {rule: path-removed, operation: a, reason: ' '}", "entry 1: `reason` has to be a string"),
    ("no rule", "- {rule: a, operation: a, reason: b, expires: 2030-01-01}", "entry 1: unknown rule a"),
    (
        "no date",
        "- {rule: path-removed, operation: a, reason: b, expires: soon}",
        "entry 1: `expires` has to be a date",
    ),
    ("place", "- {rule: path-removed, operation: a, reason: b, expires: 2030-01-01, place: 1}", "entry 1: `place`"),
    (
        "unknown",
        "- {rule: path-removed, operation: a, reason: b, expires: 2030-01-01, when: 1}",
        "entry 1: a waiver has no member `when`",
    ),
    ("no yaml", "}", "line 1: not YAML"),
]


@pytest.mark.parametrize(("text", "message"), [pytest.param(*row[1:], id=row[0]) for row in MALFORMED])
def test_an_invalid_waiver_is_an_error_with_file_and_entry(tmp_path, text, message):
    file = tmp_path / "waivers.yaml"
    file.write_text(text)
    with pytest.raises(CannotRun) as raised:
        read_waivers(file, RULES)
    assert str(raised.value).startswith(f"{file}: {message}")


def test_a_file_may_contain_no_waivers(tmp_path):
    file = tmp_path / "waivers.yaml"
    file.write_text("# none\n")
    assert read_waivers(file, RULES) == []
