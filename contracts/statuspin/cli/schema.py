"""`statuspin schema`: the JSON schemas of the files that people write."""

import json
from pathlib import Path

import click

from statuspin.cli.output import a_path, write_file


@click.command()
@click.argument("file", type=click.Choice(["pins", "waivers"]), default="pins")
@click.option("--output", type=a_path, help="Write it there, not to standard output.")
def schema(file: str, output: Path | None) -> int:
    """Print the JSON schema of pins.yaml or of waivers.yaml, for editors and validators.

    An editor with a YAML language server reads it from the first line of a file: `# yaml-language-server:
    $schema=pins.schema.json`. `statuspin init` writes that line and the schema.
    """
    text = f"{json.dumps(_schema(file), indent=2)}\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        write_file(output, text)
    return 0


def _schema(file: str) -> dict[str, object]:
    if file == "pins":
        from statuspin.contract.json_schema import pins_schema  # noqa: PLC0415 -- each needs what the other does not

        return pins_schema()
    from statuspin.diff.waiver_schema import waiver_schema  # noqa: PLC0415

    return waiver_schema()
