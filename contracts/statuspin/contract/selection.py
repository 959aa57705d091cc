"""Select the operations of a document by path, and remove a prefix from the paths."""

import re
from dataclasses import dataclass

from statuspin.contract.document import Document
from statuspin.errors import CannotRun


@dataclass(frozen=True)
class PathSelection:
    """A selection of paths.

    match, unmatch: regular expressions that are searched for in a path. strip_prefix: removed from the start of paths.
    Raises CannotRun if a regular expression is invalid.
    """

    match: str = ""
    unmatch: str = ""
    strip_prefix: str = ""

    def __post_init__(self) -> None:
        for option, pattern in (("--match-path", self.match), ("--unmatch-path", self.unmatch)):
            try:
                re.compile(pattern)
            except (re.error, OverflowError, RecursionError) as error:
                raise CannotRun(f"{option} {pattern}: not a regular expression: {error}") from None

    def apply(self, old: Document, new: Document) -> tuple[Document, Document]:
        """Return the selected parts of two documents. Raises CannotRun if no path is selected."""
        if self == PathSelection():
            return old, new
        parts = old.select(self._rename), new.select(self._rename)
        if not any(part.operations for part in parts):
            raise CannotRun("--match-path and --unmatch-path select no path of either document")
        return parts

    def _rename(self, path: str) -> str | None:
        if not re.search(self.match, path) or (self.unmatch and re.search(self.unmatch, path)):
            return None
        rest = path.removeprefix(self.strip_prefix.rstrip("/"))
        return rest if rest.startswith("/") else path if rest else "/"
