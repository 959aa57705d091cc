"""Every compiled statement of the use cases."""

import importlib
import pkgutil
from collections.abc import Iterator

import app.use_cases
from app.database.statement import Statement


def _statements() -> Iterator[tuple[str, Statement]]:
    for module in pkgutil.iter_modules(app.use_cases.__path__):
        loaded = importlib.import_module(f"app.use_cases.{module.name}")
        for name, value in vars(loaded).items():
            if isinstance(value, Statement):
                yield f"{module.name}.{name}", value
            elif type(value).__module__ == loaded.__name__:
                members = vars(value).items() if hasattr(value, "__dict__") else ()
                yield from (
                    (f"{module.name}.{name}.{each}", one) for each, one in members if isinstance(one, Statement)
                )


STATEMENTS = dict(_statements())
"""By module and name."""
