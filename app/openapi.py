"""The current contract: the OpenAPI document and its pins, read from a checkout or an installed wheel."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The loader in C is ten times as fast, and not part of every build of PyYAML."""

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
    return _load(contract_text())


@cache
def pins() -> dict[str, Any]:
    """Return the pins. Raises OSError if the installation lacks them."""
    return _load(_read("pins.yaml"))


def _load(text: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    return document


def _read(name: str) -> str:
    return ((_IN_WHEEL if _IN_WHEEL.exists() else _IN_CHECKOUT) / name).read_text(encoding="utf-8")
