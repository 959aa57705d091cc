"""Functions that `import` and `record` share: read the contract, write the rows."""

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
# Rows from recorded requests. Check each row: is its response a promise, or does it depend on the server's data?
# Then move the rows to pins.yaml.
"""


def read_contract(folder: Path, *, allow_remote: bool) -> tuple[Document, Redaction]:
    """Return the document of a contract folder, with or without pins.yaml, and the redaction of its secrets.

    Raises CannotRun if a file is invalid.
    """
    if pins_file(folder).is_file():
        contract = Contract.read(folder, allow_remote=allow_remote)
        return contract.document, Redaction.from_contract(contract)
    document = Document.read(folder, allow_remote=allow_remote)
    names = [each.parameter.lower() for each in security_schemes(document).values() if each.parameter]
    return document, Redaction(PinsFile.model_fields["redact"].default, names)


def write_rows(rows: Rows, output: Path | None) -> int:
    """Write the rows, and list on standard error the requests that were left out. Return the exit status, 0.

    output: the file, or None for standard output. Raises CannotRun if there are no rows, or if it cannot be written.
    """
    for line in describe_left_out(rows):
        click.echo(f"left out: {line}", err=True)
    if not rows.count:
        raise CannotRun("no request matches an operation and a status of openapi.yaml")
    operations = {name: {"rows": each} for name, each in rows.rows.items()}
    text = _HEAD + yaml.dump({"pins": operations}, Dumper=_Dumper, sort_keys=False, width=118, allow_unicode=True)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_file(output, text)
    click.echo(f"{rows.count} rows of {len(operations)} operations", err=True)
    return 0


class _Dumper(yaml.SafeDumper):
    """Write each row on one line, as in pins.yaml."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:  # noqa: FBT001 - the signature of PyYAML
        is_row = isinstance(mapping, dict) and "answer" in mapping
        return super().represent_mapping(tag, mapping, flow_style=True if is_row else flow_style)
