"""Every compiled SQL statement of the service."""

import importlib
import pkgutil
from collections.abc import Iterator

import app.database
import app.use_cases
from app.database.statement import Statement


def _find_statements() -> Iterator[tuple[str, Statement]]:
    for package in (app.use_cases, app.database):
        for module in pkgutil.iter_modules(package.__path__):
            for name, value in vars(importlib.import_module(f"{package.__name__}.{module.name}")).items():
                if isinstance(value, Statement):
                    yield f"{module.name}.{name}", value


STATEMENTS = dict(_find_statements())
"""Statements by module and name."""
