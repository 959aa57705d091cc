"""The image of the harness is linted, unprivileged, and builds the same wheel from the files that it copies."""

import re
import shutil
from pathlib import Path

import pytest

from tests.deploy.test_deployment_files import _run, _tool, _wheel
from tests.support.command_line import CHECKOUT

FOLDER = CHECKOUT / "contracts"
CONTAINERFILE = (FOLDER / "Containerfile").read_text(encoding="utf-8")
COPIED = [line.split()[:-1] for line in re.findall(r"^COPY (?!--from)(.*)$", CONTAINERFILE, re.MULTILINE)]


def test_hadolint_finds_nothing() -> None:
    found = _run(_tool("hadolint"), str(FOLDER / "Containerfile"))

    assert (found.returncode, found.stdout) == (0, "")


def test_the_image_runs_without_root_and_its_base_is_pinned() -> None:
    final = CONTAINERFILE.rpartition("\nFROM ")[2]

    assert re.findall(r"^USER (.*)$", final, re.MULTILINE) == ["10001:10001"]
    assert 'ENTRYPOINT ["statuspin"]' in final
    assert len(re.findall(r"^FROM \S+:3\.13\.\d+-slim@sha256:[0-9a-f]{64}", CONTAINERFILE, re.MULTILINE)) == 2


@pytest.mark.parametrize("file", [".containerignore", ".dockerignore"])
def test_the_build_context_has_exactly_the_files_that_are_copied(file: str) -> None:
    kept = re.findall(r"^!(.*)$", (FOLDER / file).read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(kept) == sorted(name for names in COPIED for name in names)


def test_the_wheel_can_be_built_from_the_files_that_the_image_copies(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in (name for names in COPIED for name in names):
        if (FOLDER / name).is_dir():
            shutil.copytree(FOLDER / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(FOLDER / name, source / name)

    assert _wheel(source, tmp_path / "copied") == _wheel(FOLDER, tmp_path / "whole")
