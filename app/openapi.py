"""The contract in force: where its files are, in a checkout as in an installed wheel."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).parent
_IN_WHEEL = _HERE / "contract"
_IN_CHECKOUT = _HERE.parent / "contracts" / "specs" / "current"


@cache
def contract_text() -> str:
    """The contract as it was written: YAML. Raises OSError where the installation lacks it."""
    return _text("openapi.yaml")


@cache
def contract() -> dict[str, Any]:
    """The contract as an OpenAPI document."""
    loaded: dict[str, Any] = yaml.safe_load(contract_text())
    return loaded


@cache
def pins() -> dict[str, Any]:
    """The contract's pins, as data. Raises OSError where the installation lacks them."""
    loaded: dict[str, Any] = yaml.safe_load(_text("pins.yaml"))
    return loaded


def _text(name: str) -> str:
    return ((_IN_WHEEL if _IN_WHEEL.exists() else _IN_CHECKOUT) / name).read_text(encoding="utf-8")
