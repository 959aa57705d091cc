"""Findings of a run have the lines of the pin, the status or the operation that they are about."""

from pathlib import Path

import pytest

from statuspin.contract.folder import Contract
from statuspin.findings import Finding, Location, Severity
from statuspin.verify.locating import Locator

OPENAPI = """\
openapi: 3.1.0
info: {title: Small, version: 1.0.0}
paths:
  /a:
    get:
      operationId: list_a
      responses:
        "200": {description: A.}
        "404": {description: None.}
"""
PINS = """\
actors:
  anonymous: {anonymous: true}
pins:
  list_a:
    rows:
      - {actor: any, answer: 200}
      - actor: any
        input: nothing
        answer: 404
"""


@pytest.fixture
def locator(tmp_path: Path) -> Locator:
    (tmp_path / "openapi.yaml").write_text(OPENAPI)
    (tmp_path / "pins.yaml").write_text(PINS)
    return Locator(Contract.read(tmp_path))


@pytest.mark.parametrize(
    ("operation", "place", "name", "line"),
    [
        ("list_a", "anonymous", "pins.yaml", 6),
        ("list_a", "anonymous · nothing", "pins.yaml", 7),
        ("list_a", "status 404", "openapi.yaml", 9),
        ("list_a", "status 418", "openapi.yaml", 7),
        ("list_a", "GET /a?x=1", "openapi.yaml", 5),
        ("", "coverage", "openapi.yaml", None),
        ("PURGE /a", "status 405", "openapi.yaml", None),
    ],
)
def test_the_line_of_a_finding(
    locator: Locator, tmp_path: Path, operation: str, place: str, name: str, line: int | None
) -> None:
    found = locator.find(Finding("a-rule", Severity.ERROR, operation, place, "It is wrong."))

    assert (found.file, found.line) == (str(tmp_path / name), line)


def test_a_contract_in_memory_has_no_lines(locator: Locator, tmp_path: Path) -> None:
    (tmp_path / "pins.yaml").unlink()

    found = locator.find(Finding("pin-broken", Severity.ERROR, "list_a", "anonymous", "It is wrong."))

    assert found == Location(str(tmp_path / "pins.yaml"))
