"""What is installed from the wheel has all that the checkout has: contract, guides, pages, migrations."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from app.openapi import contract_text
from tests.support.command_line import CHECKOUT
from tests.support.timeouts import TIMEOUT


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True, timeout=TIMEOUT)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "content")
    return folder / "content"


def test_the_contract_travels_along_and_is_found(unpacked: Path) -> None:
    assert (unpacked / "app/contract/openapi.yaml").read_text() == contract_text()
    pins = (CHECKOUT / "contracts/specs/current/pins.yaml").read_text()
    assert (unpacked / "app/contract/pins.yaml").read_text() == pins
    script = (
        "import app.openapi as it, app.http.routes, piccolo_conf, sys; "
        "from app.interviewer.scripted import ScriptedInterviewer; ScriptedInterviewer(); "
        "from app.database.migrations import expected; assert len(expected()) > 4; "
        "from app.pages.error_responses import render_error_responses as page; assert 'Access denied' in page(); "
        "from app.pages.rendering import STATIC; assert 'interview.js' in STATIC; "
        "print(it._IN_WHEEL.exists(), it.contract()['info']['title'])"
    )

    found = subprocess.run(
        [sys.executable, "-P", "-c", script],
        cwd="/",
        env={"PYTHONPATH": str(unpacked), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )

    assert (found.stdout, found.stderr) == ("True Interview System\n", "")


def test_it_holds_neither_tests_nor_anything_of_a_checkout(unpacked: Path) -> None:
    top = {path.name for path in unpacked.iterdir() if not path.name.endswith(".dist-info")}

    assert top == {"app", "tables", "piccolo_conf.py"}
    for name in ("guides/es.yaml", "llm/prompts/es.yaml"):
        assert (unpacked / "app/interviewer" / name).is_file()
    for folder in ("pages/static", "pages/templates", "admin/static"):
        names = {path.name for path in (CHECKOUT / "app" / folder).iterdir()}
        assert {path.name for path in (unpacked / "app" / folder).iterdir()} == names
