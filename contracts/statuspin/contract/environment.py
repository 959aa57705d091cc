"""Replace `${NAME}` in pins.yaml, the tokens file and options by environment variables."""

import os
import re
from typing import Any

from statuspin.errors import CannotRun

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def resolve_variables(value: Any, place: str) -> Any:
    """Return `value` with every `${NAME}` in its texts replaced by that environment variable.

    place: the value's name in errors, such as `pins.yaml: actors → caller`. Raises CannotRun if a variable is not set.
    """
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: variable(found[1], place), value)
    if isinstance(value, list):
        return [resolve_variables(each, place) for each in value]
    if isinstance(value, dict):
        return {name: resolve_variables(each, place) for name, each in value.items()}
    return value


def variable(name: str, place: str) -> str:
    """Return an environment variable. Raises CannotRun, with `place`, if it is not set."""
    try:
        return os.environ[name]
    except KeyError:
        raise CannotRun(f"{place}: the environment variable {name} is not set") from None
