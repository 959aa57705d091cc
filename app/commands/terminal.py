"""What a person at a terminal gets to see, and a pipe does not: that something is under way."""

import importlib
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any


def under_way(what: str) -> AbstractContextManager[Any]:
    """Say on standard error what is under way, with a spinner, until the block is left; only on a terminal.

    What draws it is loaded only where somebody watches.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return nullcontext()
    spinner: AbstractContextManager[Any] = importlib.import_module("yaspin").yaspin(text=f"{what} …", stream=sys.stderr)
    return spinner
