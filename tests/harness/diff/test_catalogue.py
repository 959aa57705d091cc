"""Every rule finds the change between its examples, and has a description in every format."""

import json
from datetime import date

import click
import pytest

from statuspin.cli.diff import diff
from statuspin.cli.rules import rules as rules_command
from statuspin.contract.document import Document
from statuspin.diff import RULES, DeprecationPolicy, Severities, compare
from statuspin.diff.catalogue import describe_rule, describe_rules
from statuspin.errors import CannotRun
from statuspin.findings import Severity

POLICY = DeprecationPolicy(days=30, today=date(2030, 1, 1))
OPERATION = {"responses": {"200": {"description": ""}}}
HEAD = {"openapi": "3.1.0", "info": {"title": "Things", "version": "1"}, "paths": {"/things": {"get": OPERATION}}}
ALL = describe_rules(Severities.usual())


def document(rule, kind, example):
    """Return the document of an example."""
    if kind == "document":
        return Document(HEAD | example)
    if kind == "schema":
        content = {"content": {"application/json": {"schema": example}}}
        body = {"requestBody": content} if rule.startswith("request-") else {}
        example = body or {"responses": {"200": {"description": ""} | content}}
    return Document(HEAD | {"paths": {"/things": {"get": OPERATION | example}}})


@pytest.mark.parametrize("each", [pytest.param(each, id=each.rule) for each in ALL if each.rule in RULES])
def test_a_rule_finds_its_examples(each):
    old, new = (document(each.rule, each.kind, example) for example in (each.old, each.new))
    policy = POLICY if "sunset" in each.rule else None
    assert each.rule in {finding.rule for finding in compare(old, new, policy=policy).findings}
    assert each.rule not in {finding.rule for finding in compare(old, old, policy=policy).findings}


@pytest.mark.parametrize("style", ["text", "json", "markdown"])
def test_every_rule_is_listed(capsys, style):
    assert rules_command.main(["--format", style], standalone_mode=False) == 0
    text = capsys.readouterr().out
    assert [each.rule for each in ALL if each.rule not in text] == []


def test_one_rule_is_described_with_its_severity(capsys, tmp_path):
    (tmp_path / "severities.yaml").write_text("operation-added: off\n")
    arguments = ["operation-added", "--format", "json", "--severities", str(tmp_path / "severities.yaml")]
    assert rules_command.main(arguments, standalone_mode=False) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["rule"], found["severity"], found["direction"]) == ("operation-added", "off", "operations")
    assert (found["why"], found["kind"]) == ("No client calls it yet.", "document")


def test_diff_explains_a_rule_without_a_comparison(capsys):
    with pytest.raises(click.exceptions.Exit) as result:
        diff.make_context("diff", ["--explain", "request-type-changed"])
    assert result.value.exit_code == 0
    assert capsys.readouterr().out.startswith("request-type-changed  (error, what clients send)\n")


def test_an_error_with_a_similar_name_if_the_rule_does_not_exist():
    with pytest.raises(CannotRun, match="unknown rule operation-remove; did you mean operation-removed"):
        describe_rule("operation-remove", Severities.usual())
    assert describe_rule("operation-removed", Severities.usual()).severity is Severity.ERROR
