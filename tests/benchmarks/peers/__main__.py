"""Serve a peer like `python -m app serve`: the same loop, parser and flags, one worker."""

import socket
import sys
from importlib import import_module

import click
import uvicorn

APPLICATIONS = {
    "limit": "tests.benchmarks.peers.limit",
    "fastapi": "tests.benchmarks.peers.fastapi_app",
    "litestar": "tests.benchmarks.peers.litestar_app",
    "constant-401": "tests.benchmarks.peers.constant_401",
    "constant-422": "tests.benchmarks.peers.constant_422",
}


@click.command()
@click.argument("name", type=click.Choice(list(APPLICATIONS)))
@click.option("--port", default=0, type=click.IntRange(0, 65535))
@click.option("--workers", default=1, type=click.IntRange(1, 1))
def main(name: str, port: int, workers: int) -> None:
    """Serve until SIGTERM. The environment sets DATABASE_URL and JWT_KEY_DIR."""
    try:
        module = import_module(APPLICATIONS[name])
    except ImportError as error:
        click.echo(f"error: {name} needs a package that is not installed: {error}", err=True)
        sys.exit(2)
    with socket.create_server(("127.0.0.1", port)) as listener:
        click.echo(f"Interview System at http://127.0.0.1:{listener.getsockname()[1]} ({name}, {workers} worker)")
        config = uvicorn.Config(
            module.create_app,
            factory=True,
            loop="app.server:new_event_loop",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
        )
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
