"""Format results as a table for a README and as JSON."""

import json
from collections.abc import Sequence
from pathlib import Path

import click


def table(head: Sequence[str], rows: Sequence[Sequence[object]], *, texts: int = 1) -> str:
    """Return a Markdown table. The first `texts` columns are aligned left, the others right."""
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    rule = ["-" * width + ("-" if column < texts else ":") for column, width in enumerate(widths)]
    head_line, *lines = [_line(row, widths, texts) for row in cells]
    return "\n".join([head_line, f"|-{'|-'.join(rule)}|", *lines])


def format_number(value: float) -> str:
    """Format a number with three significant digits, and with commas if it is large."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 1 else f"{value:#.3g}"


def write_json(folder: Path, name: str, content: object) -> None:
    """Write `name`.json and print its path."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.json"
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    click.echo(f"written: {file}")


def _line(row: Sequence[str], widths: Sequence[int], texts: int) -> str:
    left = map(str.ljust, row[:texts], widths[:texts])
    right = map(str.rjust, row[texts:], widths[texts:])
    return f"| {' | '.join([*left, *right])} |"
