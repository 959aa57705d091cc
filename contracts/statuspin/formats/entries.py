"""Findings grouped for people: by operation, and a change of a component once for all operations that have it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from statuspin.findings import Finding, NotCompared, Severity
from statuspin.formats.report import Report

_ORDER = list(Severity)
_SHOWN = 3


@dataclass(frozen=True)
class Entry:
    """One finding, and every operation that has it."""

    finding: Finding
    operations: tuple[str, ...]

    @property
    def heading(self) -> str:
        """The operation, the component if there are several operations, or an empty text if it is about the whole."""
        if len(self.operations) > 1:
            return f"components · {self.finding.component.partition(' · ')[0]}"
        return self.finding.operation

    @property
    def where(self) -> str:
        """`in 47 operations: get_a, get_b, get_c …`; empty for one."""
        if len(self.operations) == 1:
            return ""
        names = ", ".join(self.operations[:_SHOWN])
        return f"in {len(self.operations)} operations: {names}{' …' if len(self.operations) > _SHOWN else ''}"

    @property
    def lines(self) -> str:
        """`old.yaml:3:5 → new.yaml:4:5`; empty if no file is known."""
        places = (self.finding.old, self.finding.new)
        return " → ".join(str(place) for place in dict.fromkeys(places) if place is not None)


def grouped(report: Report) -> Iterator[tuple[str, list[Entry]]]:
    """Yield headings in order, each with its entries, the most severe first."""
    entries = sorted(_entries(report), key=lambda entry: (entry.heading, _ORDER.index(entry.finding.severity)))
    for heading, below in groupby(entries, key=lambda entry: entry.heading):
        yield heading, list(below)


def said(entry: NotCompared) -> str:
    """Return one line about something that was not compared."""
    more = f" and {entry.count - 1} more" if entry.count > 1 else ""
    return f"{entry.subject} ({entry.place}{more})" if entry.place else entry.subject


def _entries(report: Report) -> list[Entry]:
    if report.expand:
        return [Entry(finding, (finding.operation,)) for finding in report.findings]
    found: dict[object, list[Finding]] = {}
    for finding in report.findings:
        shared = (finding.component, finding.rule, finding.severity, finding.before, finding.after)
        found.setdefault(shared if finding.component else finding, []).append(finding)
    return [Entry(alike[0], tuple(dict.fromkeys(each.operation for each in alike))) for alike in found.values()]
