"""What a command hands to a format."""

from collections import Counter
from dataclasses import dataclass, field

from statuspin.findings import Finding, Severity


@dataclass(frozen=True)
class Words:
    """What findings of each severity are called in the tally, and what is said where there are none."""

    error: str = "wrong"
    warning: str = "to look at"
    note: str = "to know"
    nothing: str = "nothing found"


@dataclass(frozen=True)
class Report:
    """The findings of one run.

    tool: what found them, `statuspin diff`. title: what was looked at, in one line.
    file: the file that the findings are about, as annotations name it.
    """

    tool: str
    title: str
    file: str
    findings: tuple[Finding, ...]
    words: Words = field(default_factory=Words)

    @property
    def counts(self) -> dict[Severity, int]:
        """How many findings there are of each severity."""
        counted = Counter(finding.severity for finding in self.findings)
        return {severity: counted[severity] for severity in Severity}

    @property
    def tally(self) -> str:
        """`2 breaking, 1 to look at, 5 additive`."""
        names = (self.words.error, self.words.warning, self.words.note)
        parts = [f"{count} {name}" for count, name in zip(self.counts.values(), names, strict=True) if count]
        return ", ".join(parts) or self.words.nothing

    @property
    def status(self) -> int:
        """The exit status: 1 where there is an error, else 0."""
        return 1 if self.counts[Severity.ERROR] else 0
