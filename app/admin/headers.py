"""What every answer under /admin carries: cookies for this place alone, and headers that keep a browser careful."""

from http.cookies import SimpleCookie

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""What every file and page carries."""


class CarefulHeaders:
    """Pure ASGI middleware.

    Cookies become SameSite=Strict, sent to this place alone, and Secure exactly where the request came over https:
    piccolo-api knows one answer for all requests. Nothing but the pages' own files may be stored by caches.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                cookies = headers.getlist("set-cookie")
                del headers["set-cookie"]
                for cookie in cookies:
                    headers.append("set-cookie", _careful(cookie, scope))
                headers.update(HEADERS)
                if not scope["path"].startswith(f"{scope['root_path']}/assets/"):
                    headers["cache-control"] = "no-store"
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _careful(cookie: str, scope: Scope) -> str:
    (morsel,) = SimpleCookie(cookie).values()
    morsel["path"] = scope["root_path"]
    morsel["samesite"] = "Strict"
    morsel["secure"] = scope["scheme"] == "https"
    return morsel.OutputString()
