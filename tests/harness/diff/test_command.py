import json
import shutil
import time
from pathlib import Path

import pytest
import yaml

from statuspin.cli.diff import diff
from statuspin.contract.document import Document
from statuspin.diff import compare
from statuspin.errors import CannotRun
from tests.harness.diff.specs import STRING, answers, obj, received, spec

CURRENT = Path(__file__).parents[3] / "contracts" / "specs" / "current"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The exit status of `diff` in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: diff.main(list(arguments), standalone_mode=False)


@pytest.fixture
def write(tmp_path):
    """Writes a document, or any object, and returns the file's name."""

    def written(name, what):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(yaml.safe_dump(getattr(what, "raw", what)))
        return name

    return written


def test_nothing_and_additions_exit_with_0(run, write, capsys):
    old, new = write("old.yaml", received(obj(a=True))), write("new.yaml", received(obj(a=True, b=STRING)))
    assert run(old, old) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "no change"
    assert run(old, new) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 additive"


def test_what_breaks_exits_with_1(run, write, capsys):
    assert run(write("old.yaml", answers("200 404")), write("new.yaml", answers("200 403"))) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 breaking"


def test_contract_folders_and_files_mix(run, write, capsys):
    write("old/openapi.yaml", answers("200 404"))
    write("new/openapi.yaml", answers("200 403"))
    assert run("old", "new", "--format", "json") == 1
    assert json.loads(capsys.readouterr().out)["file"] == "new/openapi.yaml"
    assert run("old", "new/openapi.yaml") == 1


def test_pins_are_compared_where_both_folders_have_them(run, tmp_path, capsys):
    old, new = CURRENT, tmp_path / "new"
    shutil.copytree(old, new)
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


def test_waivers_are_named_or_lie_in_the_new_folder(run, write):
    waiver = {"rule": "error-status-exchanged", "operation": "*", "reason": "agreed", "expires": "9999-12-31"}
    old, new = write("old.yaml", answers("200 404")), write("new/openapi.yaml", answers("200 403"))
    assert run(old, new, "--waivers", write("agreed.yaml", [waiver])) == 0
    assert run(old, "new") == 1
    write("new/waivers.yaml", [waiver])
    assert run(old, "new") == 0


def test_the_output_goes_to_a_file(run, write, tmp_path, capsys):
    old = write("old.yaml", spec())
    assert run(old, old, "--output", "found.xml", "--format", "junit") == 0
    assert (tmp_path / "found.xml").read_text().startswith("<?xml")
    assert capsys.readouterr().out == ""


INVALID = [
    ("missing", ("none.yaml",), "none.yaml: no such file"),
    ("swagger", ("swagger.yaml",), "swagger.yaml: no OpenAPI 3 document"),
    ("empty folder", ("empty",), "empty: the folder holds no openapi.yaml"),
    ("no rule", ("old.yaml", "--severities", "rules.yaml"), "rules.yaml: nothing: there is no such rule"),
    ("no severity", ("old.yaml", "--severities", "loud.yaml"), "loud.yaml: path-removed: a severity is error, warning"),
    ("no waivers", ("old.yaml", "--waivers", "none.yaml"), "none.yaml: no such file"),
    ("output", ("old.yaml", "--output", "empty"), "empty: is a directory"),
]


@pytest.mark.parametrize(("arguments", "said"), [pytest.param(*row[1:], id=row[0]) for row in INVALID])
def test_what_cannot_run_is_said_in_one_line(run, write, tmp_path, arguments, said):
    write("old.yaml", spec())
    write("swagger.yaml", {"swagger": "2.0"})
    write("rules.yaml", {"nothing": "error"})
    write("loud.yaml", {"path-removed": "loud"})
    (tmp_path / "empty").mkdir()
    with pytest.raises(CannotRun) as raised:
        run("old.yaml", *arguments)
    assert str(raised.value).startswith(said)


def test_a_thousand_operations_take_seconds():
    def large(last):
        schemas = {f"S{n}": obj(a=True, b=STRING, c={"$ref": f"#/components/schemas/S{n + 1}"}) for n in range(199)}
        responses = {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}}
        paths = {f"/things/{n}": {"get": {"responses": responses}} for n in range(1000)}
        return Document(spec().raw | {"paths": paths, "components": {"schemas": schemas | {"S199": last}}})

    start = time.perf_counter()
    assert len(compare(large(obj(a=True)), large(obj())).findings) == 1000
    assert time.perf_counter() - start < 20
