"""Compare the record of a run with those of earlier runs."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from statuspin.coverage.statuses import State

_WIDTH, _HEIGHT, _MARGIN = 600, 120, 8


@dataclass(frozen=True)
class Run:
    """The figures of one run. finished: a time in ISO 8601. wrong: the number of errors."""

    finished: str
    release: str
    kept: int
    broken: int
    skipped: int
    observed: int
    promised: int
    level: int
    wrong: int
    seconds: float

    @property
    def share(self) -> float:
        """The share of promised statuses that were observed, from 0 to 1."""
        return self.observed / self.promised if self.promised else 1.0


def trend(records: Iterable[dict[str, Any]]) -> list[Run]:
    """Return the figures of each record, the oldest first."""
    return sorted((_run(record) for record in records), key=lambda run: run.finished)


def points(runs: list[Run]) -> str:
    """Return the shares of observed statuses as the points of an SVG polyline of 600 × 120 units."""
    width, height = _WIDTH - 2 * _MARGIN, _HEIGHT - 2 * _MARGIN
    step = width / max(len(runs) - 1, 1)
    return " ".join(
        f"{_MARGIN + number * step:.1f},{_MARGIN + (1 - run.share) * height:.1f}" for number, run in enumerate(runs)
    )


def _run(record: dict[str, Any]) -> Run:
    verdicts = Counter(pin["verdict"] for pin in record["pins"])
    states = Counter(cell["state"] for cell in record["cells"])
    observed = states[State.OBSERVED.value]
    return Run(
        finished=record["finished"],
        release=record["contract"]["release"],
        kept=verdicts["kept"],
        broken=verdicts["broken"],
        skipped=verdicts["skipped"],
        observed=observed,
        promised=observed + states[State.UNOBSERVED.value] + states[State.SKIPPED.value],
        level=record["level"],
        wrong=sum(finding["severity"] == "error" for finding in record["findings"]),
        seconds=record["seconds"],
    )
