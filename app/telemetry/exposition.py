"""The port that Prometheus scrapes: one for the whole service, for any number of workers.

Each worker keeps its values in its own files (the multiprocess mode of prometheus_client). The process that started the
workers sums them at each scrape: the counters of a dead worker stay in the sum, its gauges do not.
"""

import importlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MULTIPROCESS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def serve_metrics(host: str, port: int) -> Iterator[None]:
    """Listen on this port within the block. Processes started in the block write their values where it reads them.

    Raises OSError if the port cannot be opened.
    """
    with tempfile.TemporaryDirectory(prefix="interview-metrics-") as folder:
        os.environ[_MULTIPROCESS_VARIABLE] = folder
        # prometheus_client chooses its storage when it is imported, so the variable must be set first.
        start = importlib.import_module("prometheus_client").start_http_server
        workers = importlib.import_module("app.telemetry.workers")
        server, thread = start(port, host, workers.registry(Path(folder)))
        try:
            yield
        finally:
            del os.environ[_MULTIPROCESS_VARIABLE]
            server.shutdown()
            server.server_close()
            thread.join()
