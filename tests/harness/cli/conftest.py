"""A valid contract for the tests of the command line."""

from pathlib import Path

import pytest

from tests.harness.cli.commands import PINS, document
from tests.harness.contract.samples import write_contract


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a valid contract and return its folder."""
    return write_contract(tmp_path / "current", document(), PINS)
