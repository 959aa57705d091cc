"""Count how often the diff agrees with another tool: `python -m tests.harness.diff.agreement CORPUS` prints a table.

CORPUS is a file of JSON lines, gzipped or not. Each line is a pair of documents `old` and `new` with the highest level
that the other tool reports, `verdict` (ERR, WARN, INFO or none), and its `rules` as [id, level].
"""

import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from statuspin.contract.document import Document
from statuspin.diff import compare
from statuspin.errors import CannotRun
from statuspin.findings import Severity

VERDICTS = {Severity.ERROR: "breaking", Severity.WARNING: "warning", Severity.NOTE: "additive"}
COLUMNS = ("breaking", "warning", "additive", "only not compared", "no change", "cannot run")
KINDS = {
    "sunset, stability, deprecation": ("sunset", "stability", "deprecat"),
    "security": ("security",),
    "default": ("default-value",),
    "enum": ("enum",),
    "pattern": ("pattern",),
    "bounds": ("min", "max", "length", "exclusive", "multiple", "unique"),
    "anyOf, oneOf, allOf, discriminator": ("any-of", "one-of", "all-of", "discriminator", "list-of-types"),
    "not, if, contains, dependent, names": ("not-", "-if-", "contains", "dependent", "names", "unevaluated"),
    "content": ("content-", "media-type"),
    "type and format": ("type", "format", "nullable"),
    "required and members": ("required", "optional", "property", "write-only", "read-only"),
    "status": ("status",),
    "parameters and headers": ("parameter", "header"),
    "operations": ("api-", "endpoint", "webhook", "operation"),
}


def read_pairs(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the pairs of a corpus."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        yield from map(json.loads, lines)


def find_kind(rules: list[list[str]], level: str) -> str:
    """Return the kind of most rules of the pair's highest level."""
    names = [name for name, each in rules if each == level]
    kinds = [next((kind for kind, parts in KINDS.items() if any(part in name for part in parts)), "") for name in names]
    if "" not in kinds and len(set(kinds)) == 1:
        return kinds[0]
    others = [kind for kind in kinds if kind and kind != "sunset, stability, deprecation"]
    return Counter(others).most_common(1)[0][0] if others else "other"


def find_verdict(pair: dict[str, Any]) -> str:
    """Return the diff's verdict on a pair."""
    try:
        comparison = compare(Document(pair["old"], "old"), Document(pair["new"], "new"), witness_ms=0)
    except CannotRun:
        return "cannot run"
    severities = {finding.severity for finding in comparison.findings}
    found = next((name for severity, name in VERDICTS.items() if severity in severities), "")
    return found or ("only not compared" if comparison.not_compared else "no change")


def main(path: Path) -> None:
    """Print the table, and the pairs that only the other tool calls breaking."""
    table: dict[str, Counter[str]] = {}
    exceptions = []
    for pair in read_pairs(path):
        if pair["verdict"] != "ERR":
            continue
        kind, verdict = find_kind(pair["rules"], "error"), find_verdict(pair)
        table.setdefault(kind, Counter())[verdict] += 1
        if verdict != "breaking" and kind != "sunset, stability, deprecation":
            exceptions.append(f"{pair['name']}: {verdict}")
    click.echo("| kind | " + " | ".join(COLUMNS) + " |\n|---|" + "--:|" * len(COLUMNS))
    for kind, counts in sorted(table.items()):
        click.echo(f"| {kind} | " + " | ".join(str(counts[column]) for column in COLUMNS) + " |")
    click.echo("\n" + "\n".join(exceptions))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
