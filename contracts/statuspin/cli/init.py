"""`statuspin init`: write a first pins.yaml."""

import json
from collections.abc import Iterable
from pathlib import Path

import click

from statuspin.cli.output import path_type, remote_option, write_file
from statuspin.contract.document import Document
from statuspin.contract.folder import Contract, pins_file
from statuspin.contract.json_schema import SCHEMA_FILE, pins_schema
from statuspin.errors import CannotRun
from statuspin.lint import document_findings
from statuspin.loading.sources import NAMES, open_source
from statuspin.scaffold.pins import scaffold


@click.command()
@click.argument("openapi")
@click.option(
    "--contract",
    "folder",
    type=path_type,
    help="Folder to write.  [default: the folder of openapi.yaml, else contract]",
)
@remote_option
def init(openapi: str, folder: Path | None, *, allow_remote: bool) -> int:
    """Write a contract folder for OPENAPI: openapi.yaml, a first pins.yaml, and a JSON schema of pins.yaml for editors.

    OPENAPI is a file, a folder, a URL, REVISION:PATH in a git repository, or - for standard input. It is copied to the
    contract folder as one file, unless it is already there as openapi.yaml (.yml, .json). No file is overwritten.

    \b
    Examples:
      statuspin init openapi.yaml
      statuspin init petstore.json --contract petstore
      statuspin init https://api.example.com/openapi.json
    """
    source = open_source(openapi, allow_remote=allow_remote)
    document = Document.from_source(source)
    place = Path(document.name).parent
    is_in_place = Path(openapi).exists() and Path(document.name).name in NAMES and folder in (None, place)
    folder = place if is_in_place else folder or Path("contract")
    if not document.operations:
        raise CannotRun(f"{document.name}: the document has no operations")
    _ensure_absent([pins_file(folder)] if is_in_place else [pins_file(folder), *(folder / name for name in NAMES)])
    if not is_in_place:
        name, text = document.as_one_file()
        write_file(folder / name, text)
    write_file(folder / SCHEMA_FILE, f"{json.dumps(pins_schema(), indent=2)}\n")
    write_file(pins_file(folder), f"# yaml-language-server: $schema={SCHEMA_FILE}\n{scaffold(document)}")
    contract = Contract.read(folder, allow_remote=allow_remote)
    click.echo(f"{pins_file(folder)}: {len(document.operations)} operations, {len(contract.matrix)} pins written")
    for finding in document_findings(document)[:3]:
        where = f"{finding.operation}: " if finding.operation else ""  # other messages name the place themselves
        click.echo(f"  {finding.severity.value}: {where}{finding.message}")
    click.echo(f"Next: statuspin lint --contract {folder}")
    return 0


def _ensure_absent(files: Iterable[Path]) -> None:
    for file in files:
        if file.exists():
            raise CannotRun(f"{file} exists; remove it first to start again, or name another folder with --contract")
