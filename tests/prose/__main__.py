"""Check that prose is plain English: `python -m tests.prose [PATH …]`. Exit with 1 if it is not."""

import sys
from pathlib import Path

import click

from tests.prose.style import Style, files


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
def main(paths: tuple[Path, ...]) -> None:
    """Check Markdown, docstrings and comments in PATHS, by default the paths that style.yaml lists."""
    style = Style.read()
    checked = files(list(paths) or [Path(path) for path in style.paths])
    findings = [finding for path in checked for finding in style.check(path)]
    for finding in findings:
        click.echo(str(finding))
    click.echo(f"{len(findings)} phrases to reword in {len(checked)} files", err=True)
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()
