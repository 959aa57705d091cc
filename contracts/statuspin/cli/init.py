"""`statuspin init`: a first pins.yaml."""

import json
from pathlib import Path

import click

from statuspin.cli.output import a_path, remote_option, write_file
from statuspin.contract.document import Document
from statuspin.contract.folder import Contract, pins_file
from statuspin.contract.json_schema import SCHEMA_FILE, pins_schema
from statuspin.errors import CannotRun
from statuspin.lint import document_findings
from statuspin.scaffold.pins import scaffold


@click.command()
@click.argument("openapi", type=a_path)
@remote_option
def init(openapi: Path, *, allow_remote: bool) -> int:
    """Write pins.yaml beside OPENAPI, the file openapi.yaml (.yml, .json) of a folder that becomes the contract's.

    Its JSON schema is written beside it, for editors. An existing pins.yaml is not overwritten.
    """
    document = Document.read(openapi, allow_remote=allow_remote)
    folder = openapi if openapi.is_dir() else openapi.parent
    if not openapi.is_dir() and openapi.stem != "openapi":
        raise CannotRun(
            f"{openapi}: a contract folder calls it openapi.yaml; copy it to a folder under that name first"
        )
    if pins_file(folder).exists():
        raise CannotRun(f"{pins_file(folder)} exists; remove it first to start again")
    if not document.operations:
        raise CannotRun(f"{openapi}: it has no operation to pin")
    write_file(folder / SCHEMA_FILE, f"{json.dumps(pins_schema(), indent=2)}\n")
    write_file(pins_file(folder), f"# yaml-language-server: $schema={SCHEMA_FILE}\n{scaffold(document)}")
    contract = Contract.read(folder, allow_remote=allow_remote)
    click.echo(f"{pins_file(folder)}: {len(document.operations)} operations, {len(contract.matrix)} pins to begin with")
    for finding in document_findings(document)[:3]:
        where = f"{finding.operation}: " if finding.operation else ""  # else the message says it
        click.echo(f"  {finding.severity.value}: {where}{finding.message}")
    click.echo(f"Next: statuspin lint --contract {folder}")
    return 0
