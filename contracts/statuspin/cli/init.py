"""`statuspin init`: a first pins.yaml."""

from pathlib import Path

import click

from statuspin.cli.output import a_path, remote_option, write_file
from statuspin.contract.document import Document
from statuspin.contract.folder import Contract, pins_file
from statuspin.errors import CannotRun
from statuspin.lint import document_findings
from statuspin.scaffold.pins import scaffold


@click.command()
@click.argument("openapi", type=a_path)
@remote_option
def init(openapi: Path, *, allow_remote: bool) -> int:
    """Write pins.yaml beside OPENAPI, the file openapi.yaml (.yml, .json) of a folder that becomes the contract's.

    Nothing that exists is overwritten.
    """
    document = Document.read(openapi, allow_remote=allow_remote)
    folder = openapi if openapi.is_dir() else openapi.parent
    if not openapi.is_dir() and openapi.stem != "openapi":
        raise CannotRun(
            f"{openapi}: a contract folder calls it openapi.yaml; copy it to a folder under that name first"
        )
    if pins_file(folder).exists():
        raise CannotRun(f"{pins_file(folder)} is there already; remove it first to begin anew")
    if not document.operations:
        raise CannotRun(f"{openapi}: it names no operation that could be pinned")
    write_file(pins_file(folder), scaffold(document))
    contract = Contract.read(folder, allow_remote=allow_remote)
    click.echo(f"{pins_file(folder)}: {len(document.operations)} operations, {len(contract.matrix)} pins to begin with")
    for finding in document_findings(document)[:3]:
        where = f"{finding.operation}: " if finding.operation else ""  # else the message says it
        click.echo(f"  {finding.severity.value}: {where}{finding.message}")
    click.echo(f"Next: statuspin lint --contract {folder}")
    return 0
