import io
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
import yaml

from statuspin.cli.diff import diff
from statuspin.contract.document import Document
from statuspin.diff import compare
from statuspin.errors import CannotRun
from tests.harness.diff.specs import STRING, answers, obj, received, spec

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed: apt-get install git")
CURRENT = Path(__file__).parents[3] / "contracts" / "specs" / "current"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that runs `diff` in a new folder and returns its exit status."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: diff.main(list(arguments), standalone_mode=False)


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a document, or any object, and returns the file's name."""

    def write_contract(name, what):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(yaml.safe_dump(getattr(what, "raw", what)))
        return name

    return write_contract


def test_0_if_nothing_or_only_additions_changed(run, write, capsys):
    old, new = write("old.yaml", received(obj(a=True))), write("new.yaml", received(obj(a=True, b=STRING)))
    assert run(old, old) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "no change"
    assert run(old, new) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 additive"


def test_1_if_clients_break(run, write, capsys):
    assert run(write("old.yaml", answers("200 404")), write("new.yaml", answers("200 403"))) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 breaking"


def test_contract_folders_and_files_mix(run, write, capsys):
    write("old/openapi.yaml", answers("200 404"))
    write("new/openapi.yaml", answers("200 403"))
    assert run("old", "new", "--format", "json") == 1
    assert json.loads(capsys.readouterr().out)["file"] == "new/openapi.yaml"
    assert run("old", "new/openapi.yaml") == 1


def test_pins_are_compared_if_both_folders_have_them(run, tmp_path, capsys):
    old, new = CURRENT, tmp_path / "new"
    shutil.copytree(old, new, ignore=shutil.ignore_patterns("waivers.yaml"))
    assert run(str(old), str(new)) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "no change"
    pins = new / "pins.yaml"
    pins.write_text(pins.read_text().replace("statements: 0", "statements: 7"))
    assert run(str(old), str(new)) == 1
    assert "[pin-budget-raised]" in capsys.readouterr().out


def test_severities_are_overridden(run, write):
    old, new = write("old.yaml", answers("200")), write("new.yaml", answers("200 404"))
    assert run(old, new) == 0
    assert run(old, new, "--severities", write("weights.yaml", {"error-status-added": "error"})) == 1


def test_waivers_come_from_an_option_or_the_new_folder(run, write):
    waiver = {"rule": "error-status-exchanged", "operation": "*", "reason": "agreed", "expires": "9999-12-31"}
    old, new = write("old.yaml", answers("200 404")), write("new/openapi.yaml", answers("200 403"))
    assert run(old, new, "--waivers", write("agreed.yaml", [waiver])) == 0
    assert run(old, "new") == 1
    write("new/waivers.yaml", [waiver])
    assert run(old, "new") == 0


def test_a_rule_that_is_off_finds_nothing(run, write, capsys):
    old, new = write("old.yaml", answers("200 404")), write("new.yaml", answers("200 403"))
    for off in ("off", False):
        assert run(old, new, "--severities", write("weights.yaml", {"error-status-exchanged": off})) == 0
        assert capsys.readouterr().out.splitlines()[-1] == "no change"


def test_1_from_the_selected_severity_on(run, write):
    old, new = write("old.yaml", received(obj(a=True))), write("new.yaml", received(obj(a=True, b=STRING)))
    assert [run(old, new, "--fail-on", severity) for severity in ("error", "warning", "note")] == [0, 0, 1]
    assert run(old, old, "--fail-on", "note") == 0


def _paths(*paths, status="200"):
    responses = {status: {"description": ""}}
    return spec(paths={path: {"get": {"responses": responses}} for path in paths})


def test_paths_are_selected(run, write, capsys):
    old, new = write("old.yaml", _paths("/a", "/b/c")), write("new.yaml", _paths("/a", "/b/c", status="201"))
    for arguments, expected in (
        (["--match-path", "^/b"], {"GET /b/c"}),
        (["--unmatch-path", "^/b"], {"GET /a"}),
        (["--match-path", "/", "--unmatch-path", "c$"], {"GET /a"}),
        ([], {"GET /a", "GET /b/c"}),
    ):
        assert run(old, new, "--format", "json", *arguments) == 1
        assert {each["operation"] for each in json.loads(capsys.readouterr().out)["findings"]} == expected


def test_a_prefix_is_removed_from_both_sets_of_paths(run, write, capsys):
    old, new = write("old.yaml", _paths("/a")), write("new.yaml", _paths("/api/v1/a"))
    assert run(old, new) == 1
    assert run(old, new, "--strip-prefix", "/api/v1") == run(old, new, "--strip-prefix", "/api/v1/") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "no change"


def test_one_document_may_come_from_standard_input(run, write, monkeypatch, capsys):
    text = yaml.safe_dump(answers("200 403").raw).encode()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    assert run(write("old.yaml", answers("200 404")), "-", "--format", "json") == 1
    assert json.loads(capsys.readouterr().out)["file"] == "standard input"
    with pytest.raises(click.UsageError, match="only one of OLD and NEW can be standard input"):
        run("-", "-")


@needs_git
def test_a_revision_is_compared_with_the_folder_including_pins_and_waivers(run, tmp_path, monkeypatch, capsys):
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    shutil.copytree(CURRENT, tmp_path / "current", ignore=shutil.ignore_patterns("waivers.yaml"))
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "First"]):
        identity = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *command], cwd=tmp_path, check=True)
    assert run("HEAD:current", "current") == 0
    assert capsys.readouterr().out.splitlines() == ["HEAD:current → current", "", "no change"]
    pins = tmp_path / "current" / "pins.yaml"
    pins.write_text(pins.read_text().replace("statements: 0", "statements: 7"))
    assert run("HEAD:current", "current") == 1
    assert "[pin-budget-raised]" in capsys.readouterr().out
    assert run("HEAD:current/openapi.yaml", "current/openapi.yaml") == 0


@pytest.mark.parametrize(
    ("new", "advice"),
    [
        (answers("200 404"), "Suggested version: patch, because nothing changed for clients."),
        (answers("200 404 406"), "Suggested version: minor, because clients keep working, and something is new."),
        (answers("200 403"), "Suggested version: major, because clients break."),
    ],
)
@pytest.mark.parametrize("style", ["markdown", "html"])
def test_a_changelog_suggests_a_version(run, write, capsys, style, new, advice):
    run(write("old.yaml", answers("200 404")), write("new.yaml", new), "--format", style)
    assert advice in capsys.readouterr().out


def test_a_deprecated_operation_may_be_removed_after_its_sunset_by_policy(run, write):
    old = write("old.yaml", spec({"deprecated": True, "x-sunset": "2020-01-01"}))
    new = write("new.yaml", spec(paths={}))
    assert (run(old, new), run(old, new, "--deprecation-days", "30")) == (1, 0)


def test_the_output_goes_to_a_file(run, write, tmp_path, capsys):
    old = write("old.yaml", spec())
    assert run(old, old, "--output", "found.xml", "--format", "junit") == 0
    assert (tmp_path / "found.xml").read_text().startswith("<?xml")
    assert capsys.readouterr().out == ""


INVALID = [
    ("missing", ("none.yaml",), "none.yaml: no such file"),
    ("swagger", ("swagger.yaml",), "swagger.yaml: not an OpenAPI 3 document"),
    ("empty folder", ("empty",), "empty: the folder has no openapi.yaml"),
    ("no rule", ("old.yaml", "--severities", "rules.yaml"), "rules.yaml: nothing: unknown rule"),
    ("no severity", ("old.yaml", "--severities", "loud.yaml"), "loud.yaml: path-removed: a severity is error, warning"),
    ("no waivers", ("old.yaml", "--waivers", "none.yaml"), "none.yaml: no such file"),
    ("no expression", ("old.yaml", "--match-path", "("), "--match-path (: not a regular expression: missing )"),
    ("no path", ("old.yaml", "--match-path", "none"), "--match-path and --unmatch-path select no path"),
    ("output", ("old.yaml", "--output", "empty"), "empty: is a directory"),
]


@pytest.mark.parametrize(("arguments", "message"), [pytest.param(*row[1:], id=row[0]) for row in INVALID])
def test_an_error_is_one_line(run, write, tmp_path, arguments, message):
    write("old.yaml", spec())
    write("swagger.yaml", {"swagger": "2.0"})
    write("rules.yaml", {"nothing": "error"})
    write("loud.yaml", {"path-removed": "loud"})
    (tmp_path / "empty").mkdir()
    with pytest.raises(CannotRun) as raised:
        run("old.yaml", *arguments)
    assert str(raised.value).startswith(message)


def test_a_thousand_operations_take_seconds():
    def large_document(last):
        schemas = {f"S{n}": obj(a=True, b=STRING, c={"$ref": f"#/components/schemas/S{n + 1}"}) for n in range(199)}
        responses = {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}}
        paths = {f"/things/{n}": {"get": {"responses": responses}} for n in range(1000)}
        return Document(spec().raw | {"paths": paths, "components": {"schemas": schemas | {"S199": last}}})

    start = time.perf_counter()
    assert len(compare(large_document(obj(a=True)), large_document(obj())).findings) == 1000
    assert time.perf_counter() - start < 20
