"""The code blocks of README, CONTRIBUTING and docs/, with the instruction that follows the language.

```sh                       run it
```sh server                start it, and stop it at the end of the page
```sh not-run: REASON       do not run it
```sh tested-in: PATH       the test at that path runs it
```text output              what the block above prints; `...` stands for any text, and white space does not count

The blocks of the worked example apply to a copy of the checkout:

```python file: PATH                     the text of a new file
```python insert: PATH after LINE        lines to insert; `before LINE` too
```python replace: PATH LINE             the text that replaces that line
```sh step                               run it there
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.command_line import CHECKOUT

PAGES = sorted([CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *(CHECKOUT / "docs").rglob("*.md")])
RUN, SERVER, OUTPUT, NOT_RUN, TESTED_IN = "run", "server", "output", "not-run", "tested-in"
FILE, INSERT, REPLACE, STEP = "file", "insert", "replace", "step"
_WITH_DETAIL = (NOT_RUN, TESTED_IN, FILE, INSERT, REPLACE)
_MODES = (RUN, SERVER, OUTPUT, STEP, *_WITH_DETAIL)
RUNNABLE = ("sh", "python")

_BLOCK = re.compile(r"^(?P<fence>`{3,})(?P<info>[^\n]*)\n(?P<text>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block. mode: one of the constants above. detail: the reason, test or path that follows the mode.

    output: the text of the block of output that follows.
    """

    page: Path
    line: int
    language: str
    mode: str
    detail: str
    text: str
    output: str | None = None

    @property
    def place(self) -> str:
        """Path and line, as `path:line`."""
        return f"{self.page.relative_to(CHECKOUT)}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page. Raises AssertionError if one has no language or an unknown instruction."""
    text = page.read_text(encoding="utf-8")
    blocks = [found for found in _BLOCK.finditer(text) if not found["info"].startswith("{")]  # a directive
    parsed = [_parse(page, text.count("\n", 0, found.start()) + 1, found) for found in blocks]
    return [
        replace(block, output=after.text) if after and after.mode == OUTPUT else block
        for block, after in zip(parsed, [*parsed[1:], None], strict=False)
    ]


def runnable(page: Path) -> list[Block]:
    """Return the blocks of a page that run, in order."""
    return [block for block in blocks_of(page) if block.language in RUNNABLE and block.mode in (RUN, SERVER)]


def _parse(page: Path, line: int, found: re.Match[str]) -> Block:
    language, _, instruction = found["info"].partition(" ")
    mode, _, detail = instruction.partition(": ")
    block = Block(page, line, language, mode or RUN, detail, found["text"])
    assert language, f"{block.place}: a block needs a language; `text` if it is none"
    assert block.mode in _MODES, f"{block.place}: unknown {mode!r}"
    assert bool(detail) == (block.mode in _WITH_DETAIL), f"{block.place}: {mode} needs a reason or place"
    return block
