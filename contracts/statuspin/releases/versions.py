"""Versions of contracts: folders such as `1.2.0`, next to the current contract."""

import re
from pathlib import Path

from statuspin.errors import CannotRun

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")

Version = tuple[int, int, int]


def parse_version(text: str) -> Version:
    """Return major, minor and patch. Raises CannotRun if the version is invalid."""
    found = _VERSION.fullmatch(text)
    if not found:
        raise CannotRun(f"version {text!r}: use three numbers, such as 1.2.0")
    return int(found[1]), int(found[2]), int(found[3])


def find_frozen(folder: Path) -> dict[str, Path]:
    """Return the folders of frozen contracts next to `folder`, oldest first."""
    beside = folder.resolve().parent
    found = [child for child in beside.iterdir() if child.is_dir() and _VERSION.fullmatch(child.name)]
    return {child.name: beside / child.name for child in sorted(found, key=lambda child: parse_version(child.name))}
