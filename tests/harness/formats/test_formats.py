import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from statuspin.errors import CannotRun
from statuspin.findings import Location, NotCompared, Severity
from statuspin.formats import FORMATS, render
from tests.harness.formats.reports import HOSTILE, finding, hostile_finding, report, report_of_each_severity
from tests.harness.formats.sarif_schema import SCHEMA

LINES = {"old": Location("old.yaml", 3, 5), "new": Location("new.yaml", 4, 7, "HEAD~1")}


@pytest.mark.parametrize("style", FORMATS)
@pytest.mark.parametrize("build_report", [report, report_of_each_severity], ids=["nothing", "everything"])
def test_every_format_is_encodable_and_deterministic(style, build_report):
    text = render(build_report(), style)
    assert text.encode().endswith(b"\n")
    assert text == render(build_report(), style)


def test_an_unknown_format_is_an_error_with_the_known_ones():
    with pytest.raises(
        CannotRun, match="unknown format 'pdf'; use one of text, json, junit, github, sarif, markdown, html"
    ):
        render(report(), "pdf")


def test_text_groups_by_operation_and_ends_with_the_tally():
    other = finding(Severity.NOTE, operation="put_things", place="", message="The operation is deprecated.")
    assert render(report(other, finding(Severity.WARNING), finding()), "text") == (
        "old → new\n"
        "\n"
        "get_things\n"
        "  error    It says something else.  [response-const-changed]\n"
        "           Clients compare it.\n"
        "  warning  It says something else.  [response-const-changed]\n"
        "           Clients compare it.\n"
        "\n"
        "put_things\n"
        "  note     The operation is deprecated.  [response-const-changed]\n"
        "\n"
        "1 breaking, 1 warning, 1 additive\n"
    )


def test_text_without_findings_is_the_tally():
    assert render(report(), "text") == "old → new\n\nno change\n"


def test_text_has_colours_only_on_demand():
    assert "\x1b" not in render(report(hostile_finding()), "text")
    assert "\x1b[31merror" in render(report(finding()), "text", colour=True)


def test_json_has_every_member_of_a_finding():
    located = finding(old=Location("old.yaml", 3, 5), new=Location("new.yaml", 4, 7))
    whole = json.loads(render(report(located, hostile_finding()), "json"))
    assert whole["counts"] == {"error": 2, "warning": 0, "note": 0}
    assert whole["tally"] == "2 breaking"
    assert whole["findings"][0] == {
        "rule": "response-const-changed",
        "severity": "error",
        "operation": "get_things",
        "place": "response 404 · message",
        "message": "It says something else.",
        "before": '"a"',
        "after": '"b"',
        "why": "Clients compare it.",
        "witness": "",
        "request": "",
        "component": "",
        "old": {"file": "old.yaml", "line": 3, "column": 5, "revision": None},
        "new": {"file": "new.yaml", "line": 4, "column": 7, "revision": None},
        "fingerprint": finding().fingerprint,
    }
    assert whole["findings"][1]["message"] == HOSTILE


_COUNTS = {"tests", "failures", "errors", "skipped", "time", "name"}
_MEMBERS = {"testsuites": {"testsuite"}, "testsuite": {"testcase"}, "testcase": {"failure", "skipped", "system-out"}}
_ATTRIBUTES = {
    "testsuites": _COUNTS,
    "testsuite": _COUNTS,
    "testcase": {"name", "classname", "time"},
    "failure": {"message", "type"},
    "skipped": {"message"},
    "system-out": set(),
}


def _parse_junit(text):
    root = ET.fromstring(text.encode())
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) == _ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= _MEMBERS.get(element.tag, set())
    for suite in (root, *root.iter("testsuite")):
        assert int(suite.get("tests")) == len(list(suite.iter("testcase")))
        assert int(suite.get("failures")) == len(list(suite.iter("failure")))
        assert int(suite.get("skipped")) == len(list(suite.iter("skipped")))
        assert suite.get("errors") == "0"
        float(suite.get("time"))
    return root


def test_junit_fails_a_case_for_each_error():
    root = _parse_junit(render(report_of_each_severity(), "junit"))
    cases = list(root.iter("testcase"))
    assert [case.find("failure") is not None for case in cases] == [True, False, False, True]
    assert cases[0].attrib["classname"] == "get_things"
    assert cases[0].attrib["name"] == "response 404 · message · response-const-changed"
    assert cases[1].find("system-out").text == "warning: It says something else.\nClients compare it."


def test_junit_has_one_passed_case_without_findings():
    (case,) = _parse_junit(render(report(), "junit")).iter("testcase")
    assert (case.attrib["name"], len(case)) == ("no change", 0)


def test_junit_replaces_characters_that_xml_forbids():
    (failure,) = _parse_junit(render(report(hostile_finding()), "junit")).iter("failure")
    assert failure.text.startswith('a,b:c%d\n<e f="g">&]]>\ufffd\ufffd[31m\ufffd\U0001f600')


def test_github_escapes_command_delimiters():
    lines = render(report(hostile_finding(), file="a,b:c%.yaml"), "github").splitlines()
    assert len(lines) == 2
    command, _, message = lines[0].removeprefix("::").partition("::")
    assert command.startswith("error file=a%2Cb%3Ac%25.yaml,title=a%2Cb%3Ac%25d%0D%0A<e")
    assert message.startswith("a,b:c%25d%0D%0A<e")
    assert lines[1] == "1 breaking"


def test_github_has_a_command_for_each_severity():
    lines = render(report(*(finding(severity) for severity in Severity)), "github").splitlines()
    assert [line.split(" ")[0] for line in lines[:3]] == ["::error", "::warning", "::notice"]


@pytest.mark.parametrize("build_report", [report, report_of_each_severity], ids=["nothing", "everything"])
def test_sarif_is_valid(build_report):
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    whole = replace(build_report(), not_compared=(NotCompared("extension x-a", "get_things"),))
    whole = replace(whole, findings=(*whole.findings, finding(**LINES)))
    log = json.loads(render(whole, "sarif"))
    jsonschema.Draft202012Validator(SCHEMA, format_checker=checker).validate(log)
    (run,) = log["runs"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_sarif_has_level_file_and_place():
    result = json.loads(render(report_of_each_severity(), "sarif"))["runs"][0]["results"][1]
    assert result["level"] == "warning"
    assert result["message"]["text"] == "It says something else. Clients compare it."
    (location,) = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "specs/open%20api.yaml"
    assert location["logicalLocations"] == [{"fullyQualifiedName": "get_things · response 404 · message"}]


def test_sarif_has_a_fingerprint_for_each_finding():
    log = json.loads(render(report(finding(), finding(place="response 403 · message")), "sarif"))
    fingerprints = [result["partialFingerprints"]["finding/v1"] for result in log["runs"][0]["results"]]
    assert len(set(fingerprints)) == 2


def incomplete_report(*findings, **more):
    return replace(report(*findings), not_compared=(NotCompared("extension x-a", "get_things", 3),), **more)


@pytest.mark.parametrize("style", FORMATS)
def test_every_format_lists_differences_that_were_not_compared(style):
    text = render(incomplete_report(), style)
    assert "extension x-a" in text
    assert "no change" not in text
    assert "1 not compared" in text or style in {"junit", "sarif"}
    assert json.loads(text)["counts"] == {"error": 0, "warning": 0, "note": 0} if style == "json" else True


def test_only_a_strict_run_fails_for_differences_that_were_not_compared():
    assert (
        incomplete_report().status,
        incomplete_report(strict=True).status,
        replace(report(), strict=True).status,
    ) == (0, 1, 0)


@pytest.mark.parametrize(
    ("fail_on", "statuses"), [("error", [1, 0, 0]), ("warning", [1, 1, 0]), ("note", [1, 1, 1])]
)  # fmt: skip
def test_the_exit_status_follows_the_least_severity_that_fails(fail_on, statuses):
    build_report = [replace(report(finding(severity)), fail_on=Severity(fail_on)) for severity in Severity]
    assert [each.status for each in build_report] == statuses


WITNESS = '"a" was accepted and is refused'


@pytest.mark.parametrize("style", FORMATS)
def test_every_format_shows_the_witness(style):
    text = render(report(finding(witness=WITNESS)), style)
    assert WITNESS in text.replace("\\", "").replace("&quot;", '"').replace("&#34;", '"')


def test_each_sentence_of_a_line_ends_with_a_full_stop():
    text = f"It says something else. seen by a pin. {WITNESS}. Clients compare it."
    build_report = report(finding(witness=WITNESS, evidence=("seen by a pin",)))
    assert render(build_report, "github").splitlines()[0].endswith(f"::{text}")
    assert json.loads(render(build_report, "sarif"))["runs"][0]["results"][0]["message"]["text"] == text


def test_lines_are_named_in_both_files():
    for style in ("text", "markdown", "html"):
        assert "old.yaml:3:5 → HEAD~1:new.yaml:4:7" in render(report(finding(**LINES)), style)
    assert "::error file=new.yaml,line=4,col=7," in render(report(finding(**LINES)), "github")
    result = json.loads(render(report(finding(**LINES)), "sarif"))["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "new.yaml"}, "region": {"startLine": 4, "startColumn": 7},
    }  # fmt: skip
    assert result["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 5}


def test_a_change_of_a_component_is_shown_once_in_texts_and_per_operation_in_data():
    shared = [finding(operation=f"op{number}", component="schemas User · name") for number in range(5)]
    build_report = report(*shared)
    for style in ("text", "markdown", "html"):
        text = render(build_report, style)
        assert text.count("It says something else.") == 1
        assert "in 5 operations: op0, op1, op2 …" in text
        assert render(replace(build_report, expand=True), style).count("It says something else.") == 5
    assert len(json.loads(render(build_report, "json"))["findings"]) == 5
    assert build_report.tally == "5 breaking"


def test_markdown_is_a_changelog_by_endpoint():
    build_report = replace(report(finding(), finding(Severity.NOTE, operation="")), advice="Suggested version: major")
    assert render(build_report, "markdown") == (
        "## old → new\n\n**1 breaking, 1 additive**\n\nSuggested version: major\n\n"
        "### General\n\n"
        "- **additive** It says something else. `response-const-changed`  \n  Clients compare it.\n\n"
        "### get\\_things\n\n"
        "- **breaking** It says something else. `response-const-changed`  \n  Clients compare it.\n"
    )


def test_markdown_and_html_escape_texts_of_a_contract():
    bad = finding(message="<b>*x*</b> @team [a](b)", operation="<script>")
    assert "\\<b\\>\\*x\\*\\</b\\> &#64;team \\[a\\](b)" in render(report(bad), "markdown")
    assert "<script>" not in render(report(bad), "html")
    assert "&lt;b&gt;*x*&lt;/b&gt; @team" in render(report(bad), "html")
