"""A client of the admin pages that keeps cookies and sends the CSRF token."""

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx2

from tests.support.timeouts import TIMEOUT

PASSWORD = "a good password"


@dataclass(frozen=True)
class AdminService:
    """A service with an interview and three accounts: with every right, with the right to log in, without rights."""

    url: str
    database_url: str
    interview_id: str
    reader: str = "reader@example.com"
    clerk: str = "clerk@example.com"
    employee: str = "employee@example.com"


class Visitor:
    """A client with its own cookies. Entering the context fetches the first page and with it the CSRF token."""

    def __init__(self, url: str, **headers: str) -> None:
        self.http = httpx2.Client(base_url=f"{url}/admin", headers=headers, timeout=TIMEOUT)

    def __enter__(self) -> Self:
        self.page = self.http.get("/")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.http.close()

    def login(self, email: str, password: str = PASSWORD, **changes: Any) -> httpx2.Response:
        """Log in. `changes` replace arguments of `send`."""
        return self.send("POST", "/public/login/", {"username": email, "password": password}, **changes)

    def get(self, path: str, **query: str) -> httpx2.Response:
        """Get a path under /admin/api."""
        return self.http.get(f"/api{path}", params=query)

    def rows(self, table: str, **query: str) -> list[dict[str, Any]]:
        """Return the rows of a table."""
        response = self.get(f"/tables/{table}/", **query)
        assert response.status_code == 200, response.text
        rows: list[dict[str, Any]] = response.json()["rows"]
        return rows

    def send(self, method: str, path: str, body: Any, *, csrf: str | None = "") -> httpx2.Response:
        """Send JSON. `csrf` is the token to send: by default the cookie's, or none if it is None."""
        token = self.http.cookies.get("csrftoken", "") if csrf == "" else csrf
        return self.http.request(method, path, json=body, headers={"X-CSRFToken": token} if token else {})
