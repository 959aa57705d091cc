"""The report of a command, which every format renders."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from statuspin.findings import Finding, NotCompared, Severity


@dataclass(frozen=True)
class Words:
    """The names of the severities in the tally. nothing: the tally if the report has no findings."""

    error: str = "error"
    warning: str = "warning"
    note: str = "note"
    nothing: str = "nothing found"

    def name(self, severity: Severity) -> str:
        """Return the name of a severity."""
        return {Severity.ERROR: self.error, Severity.WARNING: self.warning, Severity.NOTE: self.note}[severity]

    def count(self, severity: Severity, number: int) -> str:
        """Return a number with the name of a severity, such as `2 errors` or `2 breaking`."""
        name = self.name(severity)
        is_noun = name == str(severity)
        return f"{number} {name}s" if is_noun and number != 1 else f"{number} {name}"


class Outcome(StrEnum):
    """The outcome of a case."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Case:
    """A test case of a run: a pin, a fuzzed operation, or a finding about the contract as a whole.

    operation: as in Finding. name: unique among the cases of the operation. seconds: the time of its requests. message:
    the reason if it failed or was skipped, or a remark if it passed. request: its request, as a curl command.
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

    tool: the command, such as `statuspin diff`. title: the subject of the run, on one line.
    file: the file that the findings are about, for annotations.
    not_compared: differences that no rule judges. They do not count as findings. advice: a line for changelogs.
    fail_on: the lowest severity that fails the run. strict: whether an uncompared difference fails it, too.
    expand: whether text, Markdown and HTML repeat a change of a component for each operation.
    cases: the test cases, empty for a comparison. fail_on_skipped: whether a skipped case fails the run.
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
        """The number of findings by severity."""
        counted = Counter(finding.severity for finding in self.findings)
        return {severity: counted[severity] for severity in Severity}

    @property
    def outcomes(self) -> dict[Outcome, int]:
        """The number of cases by outcome."""
        counted = Counter(case.outcome for case in self.cases)
        return {outcome: counted[outcome] for outcome in Outcome}

    @property
    def tally(self) -> str:
        """The numbers of findings as text, such as `2 breaking, 1 warning, 5 additive, 3 not compared`."""
        parts = [self.words.count(severity, number) for severity, number in self.counts.items() if number]
        parts += [f"{len(self.not_compared)} not compared"] if self.not_compared else []
        return ", ".join(parts) or self.words.nothing

    @property
    def status(self) -> int:
        """The exit status: 1 if a finding is at least as severe as `fail_on`, or if `strict` or `fail_on_skipped` fail
        the run. Otherwise 0.
        """
        severities = list(Severity)
        failing = severities[: severities.index(self.fail_on) + 1]
        is_incomplete = (self.strict and bool(self.not_compared)) or (
            self.fail_on_skipped and self.outcomes[Outcome.SKIPPED] > 0
        )
        return 1 if is_incomplete or any(finding.severity in failing for finding in self.findings) else 0
