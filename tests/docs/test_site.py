"""The site that `tox run -e docs` has built loads nothing from other hosts and shows what comes from the code."""

import os
import re
from pathlib import Path

import pytest

from app.__main__ import cli
from app.openapi import contract
from app.settings import Settings

SITE = Path(os.environ.get("SITE", ""))

pytestmark = pytest.mark.skipif("SITE" not in os.environ, reason="the site is not built: tox run -e docs")

LOADED = re.compile(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=\"([^\"]+)|<link\b[^>]*\bhref=\"([^\"]+)")
LOADED_BY_STYLES = re.compile(r"(?:@import\s+|url\()[\"']?((?:https?:)?//[^\"')]+)")


def test_pages_load_nothing_from_other_hosts() -> None:
    targets = [target for page in _texts("*.html") for found in LOADED.findall(page) for target in found]

    assert [target for target in targets if re.match(r"(https?:)?//", target)] == []
    assert "_static/styles/furo.css" in " ".join(targets)


def test_style_sheets_load_nothing_from_other_hosts() -> None:
    sheets = _texts("*.css")

    assert sheets
    assert [target for sheet in sheets for target in LOADED_BY_STYLES.findall(sheet)] == []


def test_the_reference_shows_every_setting_operation_and_command() -> None:
    settings, operations, commands = (_reference(name) for name in ("settings", "http-api", "command-line"))

    assert [name for name in Settings.model_fields if f">{name.upper()}<" not in settings] == []
    for item in contract()["paths"].values():
        for operation in item.values():
            assert "operationId" not in operation or f"<p>{operation['operationId']}</p>" in operations
    for command in cli.commands:
        assert f'id="interview-system-{command}"' in commands


def _reference(name: str) -> str:
    return (SITE / "reference" / f"{name}.html").read_text(encoding="utf-8")


def _texts(pattern: str) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in SITE.rglob(pattern)]
