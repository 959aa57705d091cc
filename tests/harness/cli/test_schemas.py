"""The JSON schemas agree with what the commands read."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from statuspin.contract.document import Document
from statuspin.contract.json_schema import pins_schema
from statuspin.contract.pins import PinsFile
from statuspin.diff.waiver_schema import waiver_schema
from statuspin.diff.waivers import parse_waivers
from statuspin.errors import CannotRun
from statuspin.scaffold.pins import scaffold
from tests.harness.cli.commands import CHECKOUT, document, run_command

FILES = [
    "contracts/specs/current/pins.yaml",
    "contracts/specs/1.1.0/pins.yaml",
    "contracts/specs/1.2.0/pins.yaml",
    "tests/harness/second_api/contract/pins.yaml",
]
WAIVER = {"rule": "operation-removed", "operation": "*", "reason": "It was never used.", "expires": "2099-01-31"}


def read(text: str):
    """Return the data of a YAML file as a validator sees it: keys are texts."""
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


def errors_of(schema, data) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(data)]


@pytest.mark.parametrize("name", FILES)
def test_the_schema_accepts_every_file_of_this_repository(name: str) -> None:
    assert errors_of(pins_schema(), read((CHECKOUT / name).read_text(encoding="utf-8"))) == []


def test_the_schema_accepts_a_scaffold() -> None:
    assert errors_of(pins_schema(), read(scaffold(Document(document())))) == []


@pytest.mark.parametrize(
    "row",
    [
        {"actor": "any"},
        {"actor": "any", "answer": [200, 404]},
        {"actor": "any", "answer": 42},
        {"actor": "any", "answer": 200, "answers": {"200": 1}, "at_once": 2},
        {"actor": "any", "answers": {"200": 1}},
        {"actor": "any", "answer": 200, "status": 200},
        {"answer": 200},
    ],
)
def test_the_schema_rejects_the_rows_that_the_reader_rejects(row) -> None:
    data = {"pins": {"list_a": {"rows": [row]}}}

    assert errors_of(pins_schema(), data)
    with pytest.raises(CannotRun):
        PinsFile.from_data(data, "pins.yaml")


@pytest.mark.parametrize(
    "row", [{"actor": "any", "answer": 200}, {"actor": ["a"], "answers": {"200": "1..2"}, "at_once": 2}]
)
def test_the_schema_accepts_the_rows_that_the_reader_accepts(row) -> None:
    data = {"pins": {"list_a": {"rows": [row]}}}

    assert errors_of(pins_schema(), data) == []
    PinsFile.from_data(data, "pins.yaml")


@pytest.mark.parametrize("waivers", [None, [], [WAIVER], [WAIVER | {"place": "response 404"}]])
def test_waivers_that_are_read_are_valid(waivers) -> None:
    assert errors_of(waiver_schema(), waivers) == []
    parse_waivers(waivers, "waivers.yaml", {"operation-removed"})


@pytest.mark.parametrize(
    "change",
    [
        {"rule": "no-such-rule"}, {"reason": " "}, {"expires": "soon"}, {"why": "a"}, {"place": 1}, {"operation": 1},
    ],
)  # fmt: skip
def test_waivers_that_are_not_read_are_invalid(change) -> None:
    assert errors_of(waiver_schema(), [WAIVER | change])
    with pytest.raises(CannotRun):
        parse_waivers([WAIVER | change], "waivers.yaml", {"operation-removed"})


@pytest.mark.parametrize(("name", "schema"), [("pins", pins_schema), ("waivers", waiver_schema)])
def test_the_command_prints_a_schema(name: str, schema) -> None:
    printed = json.loads(run_command("schema", name).stdout)

    jsonschema.Draft202012Validator.check_schema(printed)
    assert printed == json.loads(json.dumps(schema()))


def test_init_writes_the_schema_and_the_line_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(json.dumps(document()))

    assert run_command("init", tmp_path / "openapi.yaml").returncode == 0

    first, *_ = (tmp_path / "pins.yaml").read_text().splitlines()
    assert first == "# yaml-language-server: $schema=pins.schema.json"
    assert json.loads((tmp_path / "pins.schema.json").read_text()) == json.loads(json.dumps(pins_schema()))
