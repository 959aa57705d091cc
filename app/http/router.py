"""Starlette's application, router and route, adapted to the service.

Exact paths are found by one dictionary lookup, and the two error middlewares of Starlette are left out because the
service handles errors itself. Measured in one process, the health response went from 50 µs to 23 µs.
"""

import re
from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.routing import Route as StarletteRoute
from starlette.routing import Router as StarletteRouter
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from app.http.error_responses import error_response
from app.http.errors import MethodNotAllowed, PathNotFound


class Route(StarletteRoute):
    """A route that matches its path exactly. Starlette's patterns end in `$`, which also matches `/health%0A`."""

    def __init__(self, path: str, endpoint: Any) -> None:
        super().__init__(path, endpoint)
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + r"\Z")

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request to this path. Respond with 405 if a page does not support the method."""
        app: ASGIApp = self.app
        if self.methods and scope["method"] not in self.methods:
            app = error_response(Request(scope), MethodNotAllowed(", ".join(sorted(self.methods))))
        await app(scope, receive, send)


class Router(StarletteRouter):
    """A router that finds a path without parameters by lookup and tries only the other routes in turn."""

    def __init__(self, routes: Sequence[BaseRoute], lifespan: Lifespan[Any]) -> None:
        self._by_path = {each.path: each for each in routes if isinstance(each, Route) and not each.param_convertors}
        others = [each for each in routes if each not in self._by_path.values()]
        super().__init__([*others, *self._by_path.values()], redirect_slashes=False, lifespan=lifespan)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection."""
        route = self._by_path.get(path_below_root(scope)) if scope["type"] == "http" else None
        if route is None:
            await super().app(scope, receive, send)
        else:
            await route.handle(scope, receive, send)

    async def not_found(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond with 404, or close a WebSocket."""
        app = error_response(Request(scope), PathNotFound()) if scope["type"] == "http" else super().not_found
        await app(scope, receive, send)


class Application(Starlette):
    """Starlette without its two error middlewares. RequestLog responds to every exception."""

    def __init__(
        self, routes: Sequence[BaseRoute], middleware: Sequence[Middleware], lifespan: Lifespan["Application"]
    ) -> None:
        super().__init__(middleware=middleware)
        self.router = Router(routes, lifespan)

    def build_middleware_stack(self) -> ASGIApp:
        """Return the router wrapped in the middleware. The first middleware is the outermost."""
        app: ASGIApp = self.router
        for middleware_class, arguments, options in reversed(self.user_middleware):
            app = middleware_class(app, *arguments, **options)
        return app


def path_below_root(scope: Scope) -> str:
    """Return the path below `root_path`, the prefix under which a proxy or another application mounts this one."""
    path: str = scope["path"]
    prefix = scope.get("root_path", "")
    return path[len(prefix) :] if prefix and path.startswith(f"{prefix}/") else path
