"""The contract in force: where its file is, in a checkout as in an installed wheel."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).parent
_IN_WHEEL = _HERE / "contract" / "openapi.yaml"
_IN_CHECKOUT = _HERE.parent / "contracts" / "specs" / "current" / "openapi.yaml"


@cache
def contract_text() -> str:
    """The contract as it was written: YAML. Raises OSError where the installation lacks it."""
    return (_IN_WHEEL if _IN_WHEEL.exists() else _IN_CHECKOUT).read_text(encoding="utf-8")


@cache
def contract() -> dict[str, Any]:
    """The contract as an OpenAPI document."""
    loaded: dict[str, Any] = yaml.safe_load(contract_text())
    return loaded
