"""What `import` and `record` share: the contract that they read, and the rows that they write."""

from pathlib import Path
from typing import Any

import click
import yaml

from statuspin.cli.output import write_file
from statuspin.contract.document import Document
from statuspin.contract.folder import Contract, pins_file
from statuspin.contract.pins import PinsFile
from statuspin.contract.security import security_schemes
from statuspin.errors import CannotRun
from statuspin.http.redaction import Redaction
from statuspin.traffic.rows import Rows, describe_left_out

_HEAD = """\
# Rows from recorded requests. Look at each: does the answer show a promise, or the state of the server at that moment?
# Then move them into pins.yaml.
"""


def read_contract(folder: Path, *, allow_remote: bool) -> tuple[Document, Redaction]:
    """Return the document of a contract folder, and what hides its secrets. It needs no pins.yaml. Raises CannotRun."""
    if pins_file(folder).is_file():
        contract = Contract.read(folder, allow_remote=allow_remote)
        return contract.document, Redaction.from_contract(contract)
    document = Document.read(folder, allow_remote=allow_remote)
    names = [each.parameter.lower() for each in security_schemes(document).values() if each.parameter]
    return document, Redaction(PinsFile.model_fields["redact"].default, names)


def write_rows(rows: Rows, output: Path | None) -> int:
    """Write the rows, and list what became no row on standard error. Raises CannotRun if there is no row."""
    for line in describe_left_out(rows):
        click.echo(f"left out: {line}", err=True)
    if not rows.count:
        raise CannotRun("no request belongs to an operation of openapi.yaml with a status that it names")
    operations = {name: {"rows": each} for name, each in rows.rows.items()}
    text = _HEAD + yaml.dump({"pins": operations}, Dumper=_Dumper, sort_keys=False, width=118, allow_unicode=True)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_file(output, text)
    click.echo(f"{rows.count} rows of {len(operations)} operations", err=True)
    return 0


class _Dumper(yaml.SafeDumper):
    """Writes a row on one line, as pins.yaml does."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:  # noqa: FBT001 - as in PyYAML
        is_row = isinstance(mapping, dict) and "answer" in mapping
        return super().represent_mapping(tag, mapping, flow_style=True if is_row else flow_style)
