"""The report of a command, which every format renders."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from statuspin.findings import Finding, NotCompared, Severity


@dataclass(frozen=True)
class Words:
    """The names of the severities in the tally, and the tally if there are no findings."""

    error: str = "wrong"
    warning: str = "to look at"
    note: str = "to know"
    nothing: str = "nothing found"

    def of(self, severity: Severity) -> str:
        """Return the name of a severity."""
        return {Severity.ERROR: self.error, Severity.WARNING: self.warning, Severity.NOTE: self.note}[severity]


class Outcome(StrEnum):
    """The outcome of a case."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Case:
    """One thing that a run tested: a pin, an operation that was fuzzed, or a promise of the contract as a whole.

    operation: as in Finding. name: what tells it from the other cases of the operation. seconds: spent in its requests.
    message: why it failed or was skipped, or what there is to look at although it passed. request: its request, as a
    curl command.
    """

    operation: str
    name: str
    outcome: Outcome
    seconds: float = 0.0
    message: str = ""
    request: str = ""


@dataclass(frozen=True)
class Report:
    """The findings of one run.

    tool: what found them, `statuspin diff`. title: what was looked at, in one line.
    file: the file that the findings are about, as annotations name it.
    not_compared: differences that no rule judges; never counted. advice: a line for changelogs.
    fail_on: the least severity that fails the run. strict: whether anything that was not compared fails it, too.
    expand: whether text, Markdown and HTML show a change of a component once for each operation.
    cases: what was tested; empty if the command compares. fail_on_skipped: whether a skipped case fails the run.
    """

    tool: str
    title: str
    file: str
    findings: tuple[Finding, ...]
    words: Words = field(default_factory=Words)
    not_compared: tuple[NotCompared, ...] = ()
    advice: str = ""
    fail_on: Severity = Severity.ERROR
    strict: bool = False
    expand: bool = False
    cases: tuple[Case, ...] = ()
    fail_on_skipped: bool = False

    @property
    def counts(self) -> dict[Severity, int]:
        """How many findings there are of each severity."""
        counted = Counter(finding.severity for finding in self.findings)
        return {severity: counted[severity] for severity in Severity}

    @property
    def outcomes(self) -> dict[Outcome, int]:
        """How many cases had each outcome."""
        counted = Counter(case.outcome for case in self.cases)
        return {outcome: counted[outcome] for outcome in Outcome}

    @property
    def tally(self) -> str:
        """`2 breaking, 1 to look at, 5 additive, 3 not compared`."""
        names = (self.words.error, self.words.warning, self.words.note)
        parts = [f"{count} {name}" for count, name in zip(self.counts.values(), names, strict=True) if count]
        parts += [f"{len(self.not_compared)} not compared"] if self.not_compared else []
        return ", ".join(parts) or self.words.nothing

    @property
    def status(self) -> int:
        """The exit status: 1 if a finding is as severe as `fail_on`, or if not everything was
        compared or tested although that is wanted.
        """
        severities = list(Severity)
        failing = severities[: severities.index(self.fail_on) + 1]
        is_incomplete = (self.strict and bool(self.not_compared)) or (
            self.fail_on_skipped and self.outcomes[Outcome.SKIPPED] > 0
        )
        return 1 if is_incomplete or any(finding.severity in failing for finding in self.findings) else 0
