"""The port that Prometheus reads: one for the service, whatever the number of its workers.

Each worker keeps its values in files of its own (prometheus_client's multiprocess mode), and the process that started
them adds them up at each scrape: counters of workers that have gone stay in the sum, their gauges do not.
"""

import importlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def exposed(host: str, port: int) -> Iterator[None]:
    """Listen on this port as long as the block runs; processes started in it keep their values where it looks.

    Raises OSError where it cannot listen.
    """
    with tempfile.TemporaryDirectory(prefix="interview-metrics-") as folder:
        os.environ[_FOLDER] = folder
        # It decides at its import how values are kept: the variable has to be there before.
        start = importlib.import_module("prometheus_client").start_http_server
        workers = importlib.import_module("app.observing.workers")
        server, thread = start(port, host, workers.registry(Path(folder)))
        try:
            yield
        finally:
            del os.environ[_FOLDER]
            server.shutdown()
            server.server_close()
            thread.join()
