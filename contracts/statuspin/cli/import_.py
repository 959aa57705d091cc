"""`statuspin import`: write rows of pins.yaml from recorded traffic."""

from pathlib import Path

import click

from statuspin.cli.output import contract_option, path_type, remote_option
from statuspin.cli.traffic import read_contract, write_rows
from statuspin.traffic.files import read_traffic
from statuspin.traffic.rows import create_rows


@click.command("import")
@click.argument("traffic", type=path_type)
@contract_option
@click.option("--output", type=path_type, help="Write the rows to this file.  [default: standard output]")
@remote_option
def import_(traffic: Path, folder: Path, output: Path | None, *, allow_remote: bool) -> int:
    """Write rows of pins.yaml from TRAFFIC: a HAR file, or a Postman collection with example responses.

    Credentials and other secrets become environment variables. Requests that match no operation are listed.

    \b
    Examples:
      statuspin import recorded.har --contract contract --output rows.yaml
    """
    document, redaction = read_contract(folder, allow_remote=allow_remote)
    rows = create_rows(document, read_traffic(traffic), redaction)
    return write_rows(rows, output)
