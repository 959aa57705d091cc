"""Every folder describes its server completely. Nothing is installed or started."""

from pathlib import Path

import pytest

from statuspin.contract.pins import PinsFile
from tests.foreign.server import FOLDER, servers

PAGE = FOLDER.parents[1] / "docs" / "explanation" / "foreign-servers.md"


def test_every_folder_has_a_server() -> None:
    folders = {each.name for each in FOLDER.iterdir() if each.is_dir() and not each.name.startswith("_")}

    assert set(servers()) == folders
    assert len(folders) >= 10


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*/pins.yaml")), ids=lambda file: file.parent.name)
def test_pins_can_be_read(file: Path) -> None:
    assert PinsFile.read(file).pins


@pytest.mark.parametrize("name", servers())
def test_the_page_has_a_row_for_the_server(name: str) -> None:
    assert f"| `{name}` |" in PAGE.read_text(encoding="utf-8")
