"""Start a service in this process with another application than `python -m app serve` has."""

import os
import socket
import sys
from collections.abc import Callable
from typing import Any

import uvicorn

from app.cli.environment import database_url
from app.settings import Settings


def serve(create_app: Callable[[], Any]) -> None:
    """Serve the application at `--port` of the command line, with the database of DATABASE_URL or an embedded one."""
    port = int(sys.argv[sys.argv.index("--port") + 1])
    listener = socket.create_server(("127.0.0.1", port))
    print(f"Interview System at http://127.0.0.1:{listener.getsockname()[1]}", flush=True)  # noqa: T201
    config = uvicorn.Config(create_app, factory=True, log_config=None, loop="app.server:new_event_loop")
    with database_url(Settings()) as url:
        os.environ["DATABASE_URL"] = url
        uvicorn.Server(config).run(sockets=[listener])
