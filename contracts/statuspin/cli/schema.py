"""`statuspin schema`: print the JSON schema of pins.yaml or waivers.yaml."""

import json
from pathlib import Path

import click

from statuspin.cli.output import path_type, write_file


@click.command()
@click.argument("file", type=click.Choice(["pins", "waivers"]), default="pins")
@click.option("--output", type=path_type, help="Write to this file.  [default: standard output]")
def schema(file: str, output: Path | None) -> int:
    """Print the JSON schema of pins.yaml or of waivers.yaml, for editors and validators.

    Editors with a YAML language server find the schema through the first line of the file: `# yaml-language-server:
    $schema=pins.schema.json`. `statuspin init` writes this line and the schema.
    """
    text = f"{json.dumps(_build_schema(file), indent=2)}\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        write_file(output, text)
    return 0


def _build_schema(file: str) -> dict[str, object]:
    if file == "pins":
        from statuspin.contract.json_schema import pins_schema  # noqa: PLC0415 -- both are slow to import

        return pins_schema()
    from statuspin.diff.waiver_schema import waiver_schema  # noqa: PLC0415

    return waiver_schema()
