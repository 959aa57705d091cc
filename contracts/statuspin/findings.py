"""Findings about a contract or a server, which every output format shows."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs. Errors make a command exit with 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Location:
    """A place in a file.

    line, column: from 1, None if they are not known. revision: of git, None if it is a file here.
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

    rule: a stable name in kebab-case, `response-status-removed`; waivers and SARIF go by it.
    operation: an operationId, else `GET /path`; empty if the finding is about the whole.
    place: where in the operation, as a person reads it: `response 404 · body.data.status`.
    message: one sentence, complete in itself.
    before, after: what differs, in a few words each; promised and observed, if a server is judged.
    why: why a client breaks.
    witness: a value that proves it, in a sentence: `{"name": ""} was accepted and is refused`.
    evidence: what else observed the same fault: pins, checks of the fuzzer, statuses that it hides.
    request: the request that shows it, as a curl command.
    accepted: why the finding does not count, if a waiver or a baseline accepts it.
    component: the component that the change is in, if several operations share it: `schemas User · name`.
    old, new: where it stands in the files that are compared; `new` if there is only one.
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
        """Where it is: the operation, and the place in it."""
        return " · ".join(part for part in (self.operation, self.place) if part)

    @property
    def fingerprint(self) -> str:
        """The same for the same finding of another run, whatever its words and its line."""
        import hashlib  # noqa: PLC0415 -- OpenSSL is slow to load, and few formats need it

        text = "\0".join((self.rule, self.operation, self.place, self.before, self.after))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class NotCompared:
    """Something that differs and that no rule weighs, so that a comparison cannot say `no change` over it.

    subject: what it is, `extension x-internal`, `keyword contentSchema`; listed once. place: the first place that it
    was met in, operation and place in it. count: in how many places.
    """

    subject: str
    place: str
    count: int = 1
