"""The wheel contains the contract, guides, prompts, pages and migrations of the checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from app.openapi import contract_text
from tests.support.command_line import CHECKOUT
from tests.support.timeouts import TIMEOUT


@pytest.fixture(scope="module")
def wheel_content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the unpacked wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True, timeout=TIMEOUT)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "content")
    return folder / "content"


def test_the_wheel_contains_the_contract_and_finds_it(wheel_content: Path) -> None:
    assert (wheel_content / "app/contract/openapi.yaml").read_text() == contract_text()
    pins = (CHECKOUT / "contracts/specs/current/pins.yaml").read_text()
    assert (wheel_content / "app/contract/pins.yaml").read_text() == pins
    script = (
        "import app.openapi as it, app.http.routes, piccolo_conf, sys; "
        "from app.interviewer.scripted import ScriptedInterviewer; ScriptedInterviewer(); "
        "from app.database.migrations import expected; assert len(expected()) > 4; "
        "from app.pages.error_responses import render_error_responses as page; assert 'Access denied' in page(); "
        "from app.pages.rendering import STATIC; assert 'interview.js' in STATIC; "
        "print(it._IN_WHEEL.exists(), it.contract()['info']['title'])"
    )

    result = subprocess.run(
        [sys.executable, "-P", "-c", script],
        cwd="/",
        env={"PYTHONPATH": str(wheel_content), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )

    assert (result.stdout, result.stderr) == ("True Interview System\n", "")


def test_the_wheel_contains_only_the_service(wheel_content: Path) -> None:
    top = {path.name for path in wheel_content.iterdir() if not path.name.endswith(".dist-info")}

    assert top == {"app", "tables", "piccolo_conf.py"}
    for name in (
        "guides/software-requirements/es.yaml",
        "guides/guide.schema.json",
        "languages/es.yaml",
        "llm/prompts/es.yaml",
    ):
        assert (wheel_content / "app/interviewer" / name).is_file()
    for folder in ("pages/static", "pages/templates", "admin/static"):
        names = {path.name for path in (CHECKOUT / "app" / folder).iterdir()}
        assert {path.name for path in (wheel_content / "app" / folder).iterdir()} == names
