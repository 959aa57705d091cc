"""Serve the metrics of all workers on one port.

Each worker writes its values to its own files (the multiprocess mode of prometheus_client). The process that starts
the workers adds them up at each scrape. The counters of a worker that died remain part of the sum; its gauges do not.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric
    from prometheus_client.registry import Collector

_MULTIPROCESS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def serve_metrics(host: str, port: int) -> Iterator[None]:
    """Listen on the port within the block. Processes that start in the block add their values.

    Raises OSError if the port cannot be opened.
    """
    with tempfile.TemporaryDirectory(prefix="interview-metrics-") as folder:
        os.environ[_MULTIPROCESS_VARIABLE] = folder
        # prometheus_client reads the variable when it is imported, so it cannot be imported at the top of the module.
        from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415

        registry = CollectorRegistry()
        registry.register(cast("Collector", _WorkerCollector(Path(folder))))
        server, thread = start_http_server(port, host, registry)
        try:
            yield
        finally:
            del os.environ[_MULTIPROCESS_VARIABLE]
            server.shutdown()
            server.server_close()
            thread.join()


class _WorkerCollector:
    """Adds up the values that workers wrote to a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def describe(self) -> Iterable["Metric"]:
        """Return nothing: no metric is known before a worker has written it."""
        return ()

    def collect(self) -> Iterable["Metric"]:
        """Return the metrics of all workers, with the gauges of running workers only."""
        from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead  # noqa: PLC0415

        for file in self._folder.glob("gauge_live*_*.db"):
            pid = int(file.stem.rpartition("_")[2])
            if not _is_running(pid):
                with suppress(FileNotFoundError):  # A concurrent scrape has removed it.
                    mark_process_dead(pid, str(self._folder))  # type: ignore[no-untyped-call]
        metrics: Iterable[Metric] = MultiProcessCollector(None, str(self._folder)).collect()  # type: ignore[no-untyped-call]
        return metrics


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
