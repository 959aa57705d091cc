"""Findings of a run that a waiver or a baseline accepts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from statuspin.diff.severities import Severities
from statuspin.diff.verify_rules import is_of_verify
from statuspin.diff.waivers import WAIVER_RULES, Waiver, read_waivers, waive
from statuspin.errors import CannotRun
from statuspin.findings import Finding
from statuspin.verify.baseline import accept_baseline, read_baseline, write_baseline

_WAIVERS = "waivers.yaml"
UNUSED_RULES = frozenset({"waiver-unused", "baseline-outdated"})
"""Rules that report unused entries. Only a complete run can decide whether an entry is unused."""


@dataclass(frozen=True)
class Acceptance:
    """The accepted findings. baseline: known findings and their file. output: the file for new findings."""

    waivers: tuple[Waiver, ...] = ()
    baseline: tuple[tuple[Finding, ...], Path] | None = None
    output: Path | None = None

    @classmethod
    def read(cls, folder: Path, waivers: Path | None, baseline: Path | None, *, write: bool) -> "Acceptance":
        """Read the waivers and the baseline before the first request.

        folder: the folder of the contract. waivers: the file, or None for the contract's waivers.yaml, if it exists.
        write: whether the baseline is written, not read. Raises CannotRun if a file is missing or invalid.
        """
        if write and baseline is None:
            raise CannotRun("--write-baseline needs --baseline, which names the file")
        file = waivers or folder / _WAIVERS
        entries: list[Waiver] = []
        if waivers or file.is_file():
            entries = read_waivers(file, Severities.usual().rules - WAIVER_RULES)
        known = (tuple(read_baseline(baseline)), baseline) if baseline and not write else None
        return cls(tuple(each for each in entries if is_of_verify(each.rule)), known, baseline if write else None)

    def apply(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings, with accepted ones as notes. Raises CannotRun if the baseline cannot be written."""
        remaining = list(findings)
        if self.waivers:
            remaining = waive(remaining, list(self.waivers), datetime.now(UTC).date())
        if self.output:
            write_baseline(remaining, self.output)
            return accept_baseline(remaining, remaining, str(self.output))
        if self.baseline:
            known, path = self.baseline
            remaining = accept_baseline(remaining, known, str(path))
        return remaining
