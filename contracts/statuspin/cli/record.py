"""`statuspin record`: write rows of pins.yaml from the traffic of a reverse proxy."""

import signal
from pathlib import Path
from types import FrameType

import click

from statuspin.cli.output import contract_option, path_type, remote_option
from statuspin.cli.traffic import read_contract, write_rows
from statuspin.errors import CannotRun
from statuspin.traffic.proxy import RecordingProxy
from statuspin.traffic.rows import create_rows


@click.command()
@contract_option
@click.option("--url", required=True, help="URL of the server behind the proxy.")
@click.option("--port", default=0, show_default="a free port", type=click.IntRange(0, 65535), help="Port of the proxy.")
@click.option("--requests", type=click.IntRange(1), help="Stop after so many requests.  [default: on Ctrl-C]")
@click.option("--output", type=path_type, help="Write the rows to this file.  [default: standard output]")
@remote_option
def record(folder: Path, url: str, port: int, requests: int | None, output: Path | None, *, allow_remote: bool) -> int:
    """Start a reverse proxy on 127.0.0.1, and write rows of pins.yaml from the requests that it forwards.

    Point a browser, a client or a test suite at the proxy. Credentials and other secrets become environment variables.

    \b
    Examples:
      statuspin record --contract contract --url http://localhost:8000 --port 8080 --output rows.yaml
    """
    if not url.startswith(("http://", "https://")):
        raise CannotRun(f"--url {url}: not a URL; write http://HOST:PORT")
    document, redaction = read_contract(folder, allow_remote=allow_remote)
    with RecordingProxy(url, port, limit=requests) as proxy:

        def stop(number: int, frame: FrameType | None) -> None:
            del number, frame
            proxy.full.set()

        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, stop)
        click.echo(f"Recording at {proxy.url} for {url} (press Ctrl-C to stop)", err=True)
        proxy.full.wait()
        recorded = list(proxy.recorded)
    return write_rows(create_rows(document, recorded, redaction), output)
