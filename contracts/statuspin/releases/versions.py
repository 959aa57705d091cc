"""Versions of contracts: folders beside the one in force, named `1.2.0`."""

import re
from pathlib import Path

from statuspin.errors import CannotRun

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")

Version = tuple[int, int, int]


def parsed_version(text: str) -> Version:
    """Major, minor and patch. Raises CannotRun."""
    found = _VERSION.fullmatch(text)
    if not found:
        raise CannotRun(f"version {text!r}: three numbers are expected, like 1.2.0")
    return int(found[1]), int(found[2]), int(found[3])


def frozen(folder: Path) -> dict[str, Path]:
    """The frozen contracts beside `folder`, oldest first."""
    beside = folder.resolve().parent
    found = [child for child in beside.iterdir() if child.is_dir() and _VERSION.fullmatch(child.name)]
    return {child.name: beside / child.name for child in sorted(found, key=lambda child: parsed_version(child.name))}
