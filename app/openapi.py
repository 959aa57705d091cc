"""The current contract: the OpenAPI document and its pins, read from a checkout or an installed wheel."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_PACKAGE = Path(__file__).parent
_IN_WHEEL = _PACKAGE / "contract"
_IN_CHECKOUT = _PACKAGE.parent / "contracts" / "specs" / "current"


@cache
def contract_text() -> str:
    """Return the OpenAPI document as YAML text. Raises OSError if the installation lacks it."""
    return _read("openapi.yaml")


@cache
def contract() -> dict[str, Any]:
    """Return the OpenAPI document."""
    document: dict[str, Any] = yaml.safe_load(contract_text())
    return document


@cache
def pins() -> dict[str, Any]:
    """Return the pins. Raises OSError if the installation lacks them."""
    document: dict[str, Any] = yaml.safe_load(_read("pins.yaml"))
    return document


def _read(name: str) -> str:
    return ((_IN_WHEEL if _IN_WHEEL.exists() else _IN_CHECKOUT) / name).read_text(encoding="utf-8")
