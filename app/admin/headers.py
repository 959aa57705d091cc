"""Security headers and cookie attributes of every response under /admin."""

from http.cookies import SimpleCookie

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""The headers of every file and page."""


class SecurityHeaders:
    """Pure ASGI middleware that adds security headers and restricts cookies.

    Cookies become SameSite=Strict, limited to /admin, and Secure if the request used HTTPS. piccolo-api has one fixed
    setting for all requests. Caches may store only the files of Piccolo Admin.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                cookies = headers.getlist("set-cookie")
                del headers["set-cookie"]
                for cookie in cookies:
                    headers.append("set-cookie", _restrict_cookie(cookie, scope))
                headers.update(HEADERS)
                if not scope["path"].startswith(f"{scope['root_path']}/assets/"):
                    headers["cache-control"] = "no-store"
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _restrict_cookie(cookie: str, scope: Scope) -> str:
    (morsel,) = SimpleCookie(cookie).values()
    morsel["path"] = scope["root_path"]
    morsel["samesite"] = "Strict"
    morsel["secure"] = scope["scheme"] == "https"
    return morsel.OutputString()
