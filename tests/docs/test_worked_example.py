"""The steps of the guide to adding an operation apply to a copy of the checkout, and its checks pass there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import FILE, INSERT, REPLACE, STEP, Block, blocks_of
from tests.support.command_line import CHECKOUT

GUIDE = CHECKOUT / "docs" / "how-to" / "add-an-operation.md"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the files that git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        if (CHECKOUT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, tmp_path / name, follow_symlinks=False)
    return tmp_path


def test_every_step_of_the_guide_works(copy: Path) -> None:
    for block in blocks_of(GUIDE):
        _STEPS[block.mode](block, copy)


def _write(block: Block, copy: Path) -> None:
    path = copy / block.detail
    assert not path.exists(), f"{block.place}: {block.detail} exists"
    path.write_text(block.text, encoding="utf-8")


def _insert(block: Block, copy: Path) -> None:
    name, where, line = block.detail.split(" ", 2)
    path, lines, at = _find(block, copy, name, line)
    at += where == "after"
    path.write_text("".join([*lines[:at], block.text, *lines[at:]]), encoding="utf-8")


def _replace(block: Block, copy: Path) -> None:
    name, line = block.detail.split(" ", 1)
    path, lines, at = _find(block, copy, name, line)
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    path.write_text("".join([*lines[:at], indent + block.text, *lines[at + 1 :]]), encoding="utf-8")


def _run(block: Block, copy: Path) -> None:
    python_path = os.pathsep.join(map(str, (copy, copy / "contracts", copy / "contracts" / "loopguard")))
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "TEST_", "COV_"))}
    done = subprocess.run(
        ["bash", "-e", "-c", block.text],
        cwd=copy,
        env={**inherited, "PYTHONPATH": python_path, "PATH": path},
        capture_output=True,
        text=True,
        timeout=1800,
    )

    assert done.returncode == 0, f"{block.place}:\n{done.stdout}\n{done.stderr}"


def _find(block: Block, copy: Path, name: str, line: str) -> tuple[Path, list[str], int]:
    """Return the file, its lines and the index of the only one that equals `line`, or begins with it up to a `*`.

    A `*` in the name stands for the newest file that matches.
    """
    path = max(copy.glob(name))
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    wanted = re.compile(re.escape(line.removesuffix("*")) + (".*" if line.endswith("*") else ""))
    found = [at for at, each in enumerate(lines) if wanted.fullmatch(each.strip())]
    assert len(found) == 1, f"{block.place}: {name} has {len(found)} lines {line!r}; one is expected"
    return path, lines, found[0]


_STEPS = {FILE: _write, INSERT: _insert, REPLACE: _replace, STEP: _run}
