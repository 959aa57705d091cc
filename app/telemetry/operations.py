"""Find the operation of the contract for a request: a bounded set of names, never a path or an id."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.routing import BaseRoute, Mount
from starlette.types import Scope

from app.http.router import Route, path_below_root
from app.openapi import contract


@dataclass(frozen=True, slots=True)
class Operation:
    """name: the operationId in the contract, or one of the names below. route: the path template, or None."""

    name: str
    route: str | None


UNMATCHED = Operation("unmatched", None)
"""The service does not have this path, or the path does not have this method."""

PAGE = "page"
"""Everything outside the contract: docs, the contract itself, static files and admin pages."""


class Operations:
    """Finds operations in the order of the router: paths without parameters first."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        """routes: the URL table. Raises OSError if the installation lacks the contract."""
        paths = contract()["paths"]
        self._fixed: dict[str, Mapping[str, Operation]] = {}
        self._others: list[tuple[re.Pattern[str], Mapping[str, Operation]]] = []
        self._mounts = [Operation(PAGE, each.path) for each in routes if isinstance(each, Mount)]
        for route in (each for each in routes if isinstance(each, Route)):
            methods = _methods(route, paths.get(route.path.rstrip("/")))
            if route.param_convertors:
                self._others.append((route.path_regex, methods))
            else:
                self._fixed[route.path] = methods

    def find(self, scope: Scope) -> Operation:
        """Return the operation of an ASGI scope."""
        path = path_below_root(scope)
        methods = self._fixed.get(path)
        if methods is None:
            methods = next((methods for regex, methods in self._others if regex.match(path)), {})
        return methods.get(scope["method"]) or self._find_mount(path)

    def _find_mount(self, path: str) -> Operation:
        return next((each for each in self._mounts if path.startswith(f"{each.route}/")), UNMATCHED)


def _methods(route: Route, documented: Mapping[str, object] | None) -> Mapping[str, Operation]:
    if documented is None:
        return {method: Operation(PAGE, route.path) for method in route.methods or ()}
    return {
        method.upper(): Operation(str(operation["operationId"]), route.path)
        for method, operation in documented.items()
        if isinstance(operation, dict) and "operationId" in operation
    }
