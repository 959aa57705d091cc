"""Which operation of the contract a request is for: a bounded set of names, never a path or an id."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.routing import BaseRoute, Mount
from starlette.types import Scope

from app.http.router import Route, path_below_root
from app.openapi import contract


@dataclass(frozen=True, slots=True)
class Operation:
    """name: the contract's operationId, or one of the names below. route: the path as its Route has it, or None."""

    name: str
    route: str | None


UNMATCHED = Operation("unmatched", None)
"""No path of ours, or a method that its path does not have."""

PAGE = "page"
"""What is served beside the contract: docs, the contract itself, files that pages load, admin pages."""


class Operations:
    """Looks operations up, as the router does: a path without parameters first."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        """routes: the URL table. Raises OSError where the installation lacks the contract."""
        paths = contract()["paths"]
        self._fixed: dict[str, Mapping[str, Operation]] = {}
        self._others: list[tuple[re.Pattern[str], Mapping[str, Operation]]] = []
        self._mounted = [Operation(PAGE, each.path) for each in routes if isinstance(each, Mount)]
        for route in (each for each in routes if isinstance(each, Route)):
            methods = _methods(route, paths.get(route.path))
            if route.param_convertors:
                self._others.append((route.path_regex, methods))
            else:
                self._fixed[route.path] = methods

    def of(self, scope: Scope) -> Operation:
        """The operation of a request, from its ASGI scope."""
        path = path_below_root(scope)
        methods = self._fixed.get(path)
        if methods is None:
            methods = next((methods for regex, methods in self._others if regex.match(path)), {})
        return methods.get(scope["method"]) or self._elsewhere(path)

    def _elsewhere(self, path: str) -> Operation:
        return next((each for each in self._mounted if path.startswith(f"{each.route}/")), UNMATCHED)


def _methods(route: Route, promised: Mapping[str, object] | None) -> Mapping[str, Operation]:
    if promised is None:
        return {method: Operation(PAGE, route.path) for method in route.methods or ()}
    return {
        method.upper(): Operation(str(operation["operationId"]), route.path)
        for method, operation in promised.items()
        if isinstance(operation, dict) and "operationId" in operation
    }
