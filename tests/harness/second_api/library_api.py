"""A lending library over HTTP in memory, with the standard library only, correct or with one planted fault.

    python library_api.py --port 8080 [--fault lost-update] [--log requests.txt]

Prints its URL when it listens. Port 0 selects a free port. The keys are `Authorization: ApiKey librarian-key`,
`reader-key` and `other-reader-key`.
"""

import argparse
import json
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from library import FAULTS, Library, LibraryError, parse_book

KEYS = {"librarian-key": "librarian", "reader-key": "reader", "other-reader-key": "other reader"}
ROUTES = (
    (re.compile(r"/books"), {"GET": "list_books", "POST": "add_book"}),
    (re.compile(r"/books/([^/]*)"), {"GET": "read_book", "DELETE": "delete_book"}),
    (re.compile(r"/books/([^/]*)/borrowing"), {"POST": "borrow_book", "DELETE": "return_book"}),
)
STATUSES = ("available", "borrowed")
Served = tuple[int, Any, dict[str, str]]


class LibraryHandler(BaseHTTPRequestHandler):
    """Handles one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    library: Library
    log: Callable[[str], object]

    def answer(self) -> None:
        self.log(f"{self.command} {self.path}\n")
        self.content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        try:
            status, body, headers = self._handle()
        except LibraryError as refused:
            status, body, headers = refused.status, _problem(refused.status, refused.detail), refused.headers
        except Exception:  # noqa: BLE001 - any exception is an error of the service
            status, body, headers = 500, _problem(500, "Something went wrong"), {}
        encoded = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        if body is not None:
            self.send_header("Content-Type", "application/json" if status < 300 else "application/problem+json")
        for name, value in headers.items():
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else encoded)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = answer  # noqa: N815
    do_DELETE = do_OPTIONS = do_TRACE = do_QUERY = answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the base class
        """Write no log. The requests go to --log."""

    def _handle(self) -> Served:
        url = urlsplit(self.path)
        self.query = parse_qs(url.query, keep_blank_values=True)
        for pattern, methods in ROUTES:
            if found := pattern.fullmatch(url.path):
                if self.command not in methods:
                    raise LibraryError(405, "Method not allowed", {"Allow": ", ".join(methods)})
                name = methods[self.command]
                self.who = self._identify(name)
                return getattr(self, name)(*(self._number(text) for text in found.groups()))
        raise LibraryError(404, "No such path")

    def _identify(self, operation: str) -> str:
        scheme, _, key = self.headers.get("Authorization", "").partition(" ")
        who = KEYS.get(key) if scheme.lower() == "apikey" else None
        if who is None and not (self.library.fault == "auth-ignored" and operation == "list_books"):
            raise LibraryError(401, "A key is required", {"WWW-Authenticate": "ApiKey"})
        if operation in ("add_book", "delete_book") and who != "librarian":
            raise LibraryError(403, "Librarians only")
        return who or "nobody"

    def list_books(self) -> Served:
        try:
            limit, offset = self._integer("limit", 20, 1, 50), self._integer("offset", 0, 0, 1_000_000)
            wanted = {"status": self._single_value("status", STATUSES), "mark": self._single_value("mark")}
        except LibraryError as refused:
            raise (
                LibraryError(400, refused.detail) if self.library.fault == "undocumented-status" else refused
            ) from None
        given = {name: value for name, value in wanted.items() if value is not None}
        return 200, self.library.page(offset, limit, given), {}

    def add_book(self) -> Served:
        book = self.library.add(parse_book(self.headers, self.content, self.library.fault))
        return 201, book, {} if self.library.fault == "missing-header" else {"Location": f"/books/{book['id']}"}

    def read_book(self, number: int) -> Served:
        book = self.library.read(number)
        tag = f'"{number}-{book["version"]}"'
        if self.headers.get("If-None-Match", "").strip() in ("*", tag):
            return 304, None, {"ETag": tag}
        return 200, book, {"ETag": tag}

    def delete_book(self, number: int) -> Served:
        self.library.delete(number, force=self._single_value("force", ("true", "false")) == "true")
        return 204, None, {}

    def borrow_book(self, number: int) -> Served:
        return 200, self.library.borrow(number, self.who), {}

    def return_book(self, number: int) -> Served:
        return 200, self.library.give_back(number, self.who), {}

    def _number(self, text: str) -> int:
        if not re.fullmatch("[1-9][0-9]{0,9}", text) or int(text) >= 2**31:
            raise LibraryError(422, "The id is no number of a book")
        return int(text)

    def _single_value(self, name: str, known: tuple[str, ...] = ()) -> str | None:
        values = self.query.get(name, [])
        if len(values) > 1 or (known and values and values[0] not in known):
            raise LibraryError(422, f"{name} is not as described")
        return values[0] if values else None

    def _integer(self, name: str, default: int, least: int, most: int) -> int:
        text = self._single_value(name)
        if text is None:
            return default
        if not re.fullmatch("0|[1-9][0-9]{0,8}", text) or not least <= int(text) <= most:
            raise LibraryError(422, f"{name} is not as described")
        return int(text)


def _problem(status: int, detail: str) -> dict[str, Any]:
    return {"type": "about:blank", "status": status, "detail": detail}


class LibraryServer(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--fault", choices=FAULTS)
    parser.add_argument("--log", type=Path)
    chosen = parser.parse_args()
    LibraryHandler.library = Library(chosen.fault)
    file = chosen.log.open("a", buffering=1) if chosen.log else None
    LibraryHandler.log = staticmethod(file.write if file else lambda _: None)
    with LibraryServer(("127.0.0.1", chosen.port), LibraryHandler) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201
        server.serve_forever()


if __name__ == "__main__":
    main()
