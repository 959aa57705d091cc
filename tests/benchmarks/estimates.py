"""Estimate a figure from the rounds of a measurement, with the interval that the noise of the machine leaves."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

_RESAMPLES = 2000
_OUTSIDE = 0.05
"""The share of resamples outside the interval, half of it on each side."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The median of the rounds and its 95 % interval."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} [{self.low:.2f}, {self.high:.2f}]"

    def differs_from(self, other: "Estimate") -> bool:
        """Return whether the intervals have nothing in common."""
        return self.low > other.high or self.high < other.low


def estimate(rounds: Sequence[float]) -> Estimate:
    """Return the median of `rounds` with its bootstrap interval (Efron 1979). Equal rounds give equal results."""
    draw = random.Random(0)
    drawn = sorted(median(draw.choices(rounds, k=len(rounds))) for _ in range(_RESAMPLES))
    cut = int(_RESAMPLES * _OUTSIDE / 2)
    return Estimate(median(rounds), drawn[cut], drawn[-1 - cut])
