"""Group findings for readers: by operation, with one entry for a change of a component that several operations use."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from statuspin.findings import Finding, NotCompared, Severity
from statuspin.formats.report import Report

_ORDER = list(Severity)
_SHOWN = 3


@dataclass(frozen=True)
class Entry:
    """A finding and all operations that have it."""

    finding: Finding
    operations: tuple[str, ...]

    @property
    def heading(self) -> str:
        """The operation, the component if several operations use it, or an empty string for the whole document."""
        if len(self.operations) > 1:
            return f"components · {self.finding.component.partition(' · ')[0]}"
        return self.finding.operation

    @property
    def occurrences(self) -> str:
        """The operations, such as `in 47 operations: get_a, get_b, get_c …`, or an empty string for one operation."""
        if len(self.operations) == 1:
            return ""
        names = ", ".join(self.operations[:_SHOWN])
        return f"in {len(self.operations)} operations: {names}{' …' if len(self.operations) > _SHOWN else ''}"

    @property
    def locations(self) -> str:
        """The places in the files, such as `old.yaml:3:5 → new.yaml:4:5`, or an empty string if they are unknown."""
        places = (self.finding.old, self.finding.new)
        return " → ".join(str(place) for place in dict.fromkeys(places) if place is not None)


def group_entries(report: Report) -> Iterator[tuple[str, list[Entry]]]:
    """Yield each heading with its entries, sorted by heading, then by severity, the most severe first."""
    entries = sorted(_entries(report), key=lambda entry: (entry.heading, _ORDER.index(entry.finding.severity)))
    for heading, below in groupby(entries, key=lambda entry: entry.heading):
        yield heading, list(below)


def describe(entry: NotCompared) -> str:
    """Return one line about a difference that was not compared."""
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


def join_sentences(parts: Iterable[str]) -> str:
    """Return the parts that are not empty on one line, each with a full stop."""
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)
