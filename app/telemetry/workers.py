"""The values of all workers of one service, added up. Import it where PROMETHEUS_MULTIPROC_DIR is set already."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector


def registry(folder: Path) -> CollectorRegistry:
    """What is scraped: whatever processes have written into `folder`."""
    made = CollectorRegistry()
    made.register(_Workers(folder))
    return made


class _Workers(Collector):
    """Adds up what the workers have written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def describe(self) -> Iterable[Metric]:
        """Nothing is known before a worker has written it."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The metrics of all workers, the gauges of those that live."""
        for file in self._folder.glob("gauge_live*_*.db"):
            pid = int(file.stem.rpartition("_")[2])
            if not _lives(pid):
                with suppress(FileNotFoundError):  # another scrape was faster
                    mark_process_dead(pid, str(self._folder))  # type: ignore[no-untyped-call]
        metrics: Iterable[Metric] = MultiProcessCollector(None, str(self._folder)).collect()  # type: ignore[no-untyped-call]
        return metrics


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
