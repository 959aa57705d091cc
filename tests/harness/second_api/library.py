"""The books of the lending library, their operations, and the faults that can be planted."""

import json
import threading
import time
from contextlib import nullcontext
from typing import Any

FAULTS = {
    "wrong-status": "return_book answers 404 where 403 is promised",
    "undocumented-status": "list_books rejects a parameter with 400",
    "crash": "add_book answers 500 to a NUL in the title",
    "schema-violation": "list_books has its total as a string",
    "missing-header": "add_book leaves Location out",
    "auth-ignored": "list_books asks for no key",
    "validation-gap": "add_book accepts any year",
    "lost-update": "borrow_book checks and sets with a gap in between",
    "message-changed": "delete_book has another error message",
    "stale-state": "delete_book leaves the book in the list",
}
KINDS = ("novel", "reference")


class LibraryError(Exception):
    """An error response."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers or {}


class Library:
    """The books and their operations. Thread-safe, except with the fault lost-update."""

    def __init__(self, fault: str | None) -> None:
        self.fault, self.lock = fault, threading.Lock()
        self.books: dict[int, dict[str, Any]] = {}
        self.listed: dict[int, dict[str, Any]] = {}
        self._last = 0

    def add(self, parse_book: dict[str, Any]) -> dict[str, Any]:
        if self.fault == "crash" and "\0" in parse_book["title"]:
            raise ValueError("a NUL cannot be stored")
        with self.lock:
            self._last += 1
            book = {"id": self._last, "mark": f"LIB-{self._last:06}", "year": None, "kind": "novel", **parse_book}
            book |= {"status": "available", "borrower": None, "version": 1}
            self.books[self._last] = self.listed[self._last] = book
            return dict(book)

    def page(self, offset: int, limit: int, wanted: dict[str, str]) -> dict[str, Any]:
        with self.lock:
            found = [dict(book) for book in self.listed.values()]
        found = [book for book in found if all(book[name] == value for name, value in wanted.items())]
        last = offset + limit >= len(found)
        total = str(len(found)) if self.fault == "schema-violation" else len(found)
        return {
            "books": found[offset : offset + limit],
            "total": total,
            "next_offset": None if last else offset + limit,
        }

    def read(self, number: int) -> dict[str, Any]:
        with self.lock:
            return dict(self._find(number))

    def delete(self, number: int, *, force: bool) -> None:
        with self.lock:
            if self._find(number)["status"] == "borrowed" and not force:
                detail = "Somebody has the book" if self.fault == "message-changed" else "The book is borrowed"
                raise LibraryError(409, detail)
            del self.books[number]
            if self.fault != "stale-state":
                del self.listed[number]

    def borrow(self, number: int, who: str) -> dict[str, Any]:
        gap = self.fault == "lost-update"
        with nullcontext() if gap else self.lock:
            book = self._find(number)
            if book["status"] == "borrowed":
                raise LibraryError(409, "The book is borrowed")
            if gap:
                time.sleep(0.25)
            book.update(status="borrowed", borrower=who, version=book["version"] + 1)
            return dict(book)

    def give_back(self, number: int, who: str) -> dict[str, Any]:
        with self.lock:
            book = self._find(number)
            if book["status"] == "available":
                raise LibraryError(409, "The book is not borrowed")
            if who not in (book["borrower"], "librarian"):
                raise LibraryError(404 if self.fault == "wrong-status" else 403, "Somebody else borrowed the book")
            book.update(status="available", borrower=None, version=book["version"] + 1)
            return dict(book)

    def _find(self, number: int) -> dict[str, Any]:
        if number not in self.books:
            raise LibraryError(404, "No such book")
        return self.books[number]


def parse_book(headers: Any, content: bytes, fault: str | None) -> dict[str, Any]:
    """Return the book that a request describes."""
    if headers.get_content_type() != "application/json" or "Content-Type" not in headers:
        raise LibraryError(415, "JSON is expected")
    try:
        book = json.loads(content)
    except (ValueError, RecursionError):
        raise LibraryError(422, "The body is no JSON") from None
    if not isinstance(book, dict) or not {"title"} <= set(book) <= {"title", "year", "kind"}:
        raise LibraryError(422, "The body is not as described")
    title, year = book["title"], book.get("year")
    matches = isinstance(title, str) and 1 <= len(title) <= 200 and book.get("kind", "novel") in KINDS
    dated = year is None or (type(year) in (int, float) and 1449 < year <= 2100 and year % 1 == 0)
    if not matches or not (dated or fault == "validation-gap"):
        raise LibraryError(422, "The body is not as described")
    return book
