"""A sound contract."""

from pathlib import Path

import pytest

from tests.harness.cli.running import PINS, document
from tests.harness.contract.samples import written


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound contract."""
    return written(tmp_path / "current", document(), PINS)
