"""The BPMN documents of outcomes are valid for the schema of BPMN 2.0, and bpmn-js draws every step.

`bpmn/check.mjs` validates documents with the schema that bpmn-moddle ships.
"""

import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.async_api import Browser, Page

from app.domain.interview import Language
from app.export.flowchart import render_bpmn
from app.interviewer.library import shipped_library
from app.outcome.document import Item, Outcome, Step
from tests.support.command_line import CHECKOUT
from tests.support.timeouts import TIMEOUT

_SOURCE = Path(__file__).with_name("bpmn")
_FILES = sorted((CHECKOUT / "tests/unit/outcome").glob("*.bpmn"))
_DOCUMENTS = [pytest.param(file.read_text(encoding="utf-8"), id=file.stem) for file in _FILES]
_NO_NETWORK = re.compile(r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b")
_TEXTS = shipped_library().find("process-discovery").texts(Language.EN)
_TASK = "{http://www.omg.org/spec/BPMN/20100524/MODEL}task"

pytestmark = pytest.mark.skipif(
    shutil.which("npm") is None, reason="bpmn-js needs Node.js and npm: apt-get install nodejs npm"
)


class Schema:
    """The schema of BPMN 2.0, in a process of Node.js."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def find_errors(self, document: str) -> list[str]:
        """Return the messages of the errors of a document."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(document) + "\n")
        self._process.stdin.flush()
        errors: list[str] = json.loads(self._process.stdout.readline())
        return errors


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install bpmn-js and bpmn-moddle. Return the folder."""
    folder = Path(shutil.copytree(_SOURCE, tmp_path_factory.mktemp("npm") / "bpmn"))
    command = ["npm", "install", "--no-audit", "--no-fund", "--fetch-retries=1"]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT)
    if installed.returncode and _NO_NETWORK.search(installed.stderr):
        pytest.skip("`npm install` reaches no package registry")
    assert installed.returncode == 0, installed.stderr
    return folder


@pytest.fixture(scope="module")
def schema(packages: Path) -> Iterator[Schema]:
    """Start the validator."""
    with subprocess.Popen(
        ["node", "check.mjs"], cwd=packages, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Schema(process)
        process.terminate()


@pytest.fixture
async def viewer(browser: Browser, packages: Path) -> AsyncIterator[Page]:
    """Open a page with the viewer of bpmn-js."""
    page = await browser.new_page()
    await page.set_content('<div id="canvas" style="height: 600px"></div>')
    await page.add_script_tag(path=packages / "node_modules/bpmn-js/dist/bpmn-viewer.production.min.js")
    yield page
    await page.close()


def outcomes() -> st.SearchStrategy[Outcome]:
    """Return outcomes with steps of several processes, of any characters."""
    texts = st.text(min_size=1, max_size=80)
    items = st.lists(st.builds(Item, text=texts, messages=st.just((2,))), max_size=2).map(tuple)
    rows = st.lists(st.tuples(st.none() | texts, st.lists(texts, min_size=1, max_size=40)), max_size=3)
    steps = rows.map(
        lambda rows: tuple(
            Step(number, text, process, (2,))
            for process, row in dict(rows).items()
            for number, text in enumerate(row, start=1)
        )
    )
    return st.builds(Outcome, trigger=items, outputs=items, steps=steps)


def names_of_tasks(document: str) -> list[str]:
    return [task.attrib["name"] for task in ET.fromstring(document).iter(_TASK)]


async def draw(page: Page, document: str) -> dict[str, Any]:
    """Import the document. Return the warnings, and the names of the tasks that have a drawn shape."""
    drawn: dict[str, Any] = await page.evaluate(
        """async (xml) => {
            const viewer = new BpmnJS({ container: '#canvas' })
            const { warnings } = await viewer.importXML(xml)
            const registry = viewer.get('elementRegistry')
            const tasks = registry.filter(({ type }) => type === 'bpmn:Task')
            const shown = tasks.filter((task) => registry.getGraphics(task).querySelector('rect').getBBox().width > 0)
            const names = shown.map((task) => task.businessObject.name)
            viewer.destroy()
            return { warnings: warnings.map(({ message }) => message), names }
        }""",
        document,
    )
    return drawn


def test_the_schema_finds_an_error(schema: Schema) -> None:
    document = _FILES[0].read_text(encoding="utf-8").replace('isExecutable="false"', 'isExecutable="never"')

    assert any("'never' is not a valid value" in error for error in schema.find_errors(document))


@pytest.mark.parametrize("document", _DOCUMENTS)
def test_a_document_is_valid_for_the_schema(document: str, schema: Schema) -> None:
    assert schema.find_errors(document) == []


@settings(max_examples=50, deadline=None)
@given(outcomes())
def test_a_document_with_any_characters_is_valid_for_the_schema(schema: Schema, outcome: Outcome) -> None:
    document = render_bpmn(outcome, _TEXTS)

    assert schema.find_errors(document) == []
    assert len(names_of_tasks(document)) == len(outcome.steps)


@pytest.mark.parametrize("document", _DOCUMENTS)
async def test_bpmn_js_draws_every_step_without_a_warning(document: str, viewer: Page) -> None:
    assert await draw(viewer, document) == {"warnings": [], "names": names_of_tasks(document)}


@pytest.mark.parametrize(
    "text",
    [
        "<b>&amp;",
        "\"quoted\" & 'single'",
        "\x00\x0b\ufffe",
        "שלום עולם",
        "👩‍🔧 repairs",
        "a\u2028b\tc",
        "]]>",
        "x" * 500,
    ],
)
async def test_bpmn_js_draws_a_step_with_odd_characters(text: str, viewer: Page) -> None:
    steps = tuple(Step(number, f"{text} {number}", None, (2,)) for number in range(1, 61))
    document = render_bpmn(Outcome(steps=steps), _TEXTS)

    assert await draw(viewer, document) == {"warnings": [], "names": names_of_tasks(document)}
    assert len(names_of_tasks(document)) == 60
