"""Findings about a contract or a server, which every output format shows."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How serious a finding is. A command with a finding of severity `error` exits with 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Location:
    """A place in a file.

    line, column: counted from 1, or None if unknown. revision: a git revision, or None for a file on disk.
    """

    file: str
    line: int | None = None
    column: int | None = None
    revision: str | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return place if self.revision is None else f"{self.revision}:{place}"


@dataclass(frozen=True)
class Finding:
    """One finding.

    rule: a stable name in kebab-case, such as `response-status-removed`. Waivers and SARIF refer to it.
    operation: an operationId, else `GET /path`. Empty if the finding is about the whole document.
    place: the place in the operation, for readers, such as `response 404 · body.data.status`.
    message: one complete sentence.
    before, after: the two sides of the difference, in a few words each: old and new, or promised and observed.
    why: why a client breaks.
    witness: a sentence with a value that proves the finding: `{"name": ""} was accepted and is refused`.
    evidence: other observations of the same fault: pins, checks of the fuzzer, statuses that it hides.
    request: a request that reproduces the finding, as a curl command.
    accepted: the reason why the finding does not count, if a waiver or a baseline accepts it.
    component: the changed component, if several operations share it, such as `schemas User · name`.
    old, new: the places in the compared files. Only `new` is set if one file is checked.
    """

    rule: str
    severity: Severity
    operation: str
    place: str
    message: str
    before: str = ""
    after: str = ""
    why: str = ""
    witness: str = ""
    evidence: tuple[str, ...] = ()
    request: str = ""
    accepted: str = ""
    component: str = ""
    old: Location | None = None
    new: Location | None = None

    @property
    def title(self) -> str:
        """The operation, and the place in it."""
        return " · ".join(part for part in (self.operation, self.place) if part)

    @property
    def fingerprint(self) -> str:
        """A hash that stays the same between runs, even if the message or the line changes."""
        import hashlib  # noqa: PLC0415 -- OpenSSL is slow to load, and few formats need it

        text = "\0".join((self.rule, self.operation, self.place, self.before, self.after))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class NotCompared:
    """A difference that no rule judges. A comparison that has one does not report `no change`.

    subject: the kind of difference, such as `extension x-internal` or `keyword contentSchema`. place: the first
    operation and place with it. count: the number of places.
    """

    subject: str
    place: str
    count: int = 1
