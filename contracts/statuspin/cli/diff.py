"""`statuspin diff OLD NEW`: what changed for a client."""

from datetime import UTC, datetime
from pathlib import Path

import click

from statuspin.cli.output import a_path, format_options, write_report
from statuspin.contract.document import Document
from statuspin.contract.folder import Contract, pins_file
from statuspin.diff import WAIVER_RULES, Severities, compare, read_waivers, waive
from statuspin.diff.pins import compare_pins
from statuspin.findings import Finding
from statuspin.formats import Report, Words

_WORDS = Words(error="breaking", warning="to look at", note="additive", nothing="no change")


@click.command(short_help="What changed for a client between two contracts.")
@click.argument("old", type=a_path)
@click.argument("new", type=a_path)
@click.option("--waivers", type=a_path, help="Findings to live with; NEW's waivers.yaml, where NEW is a folder.")
@click.option("--severities", type=a_path, help="YAML, `rule-id: error|warning|note`: other weights for rules.")
@format_options
def diff(old: Path, new: Path, style: str, waivers: Path | None, severities: Path | None, output: Path | None) -> int:
    """Compare OLD with NEW, each an OpenAPI file or a contract folder, as a client sees them.

    Exits with 0 where nothing changed or only things to add, 1 where something breaks clients, 2 for invalid input.
    """
    weights = Severities.usual() if severities is None else Severities.usual().overridden(severities)
    documents = Document.read(old), Document.read(new)
    comparison = compare(*documents, weights)
    findings = [*comparison.findings, *_pins_compared(old, new, weights)]
    if (file := waivers or _own_waivers(new)) is not None:
        known = weights.rules - WAIVER_RULES
        findings = waive(findings, read_waivers(file, known), datetime.now(UTC).date(), weights)
    report = Report("statuspin diff", f"{old} → {new}", documents[1].name, tuple(findings), _WORDS)
    write_report(report, style, output)
    return report.status


def _pins_compared(old: Path, new: Path, weights: Severities) -> list[Finding]:
    """What changed in the pins of two folders; nothing where one of them has none."""
    if not (pins_file(old).is_file() and pins_file(new).is_file()):
        return []
    return compare_pins(Contract.read(old), Contract.read(new), weights)


def _own_waivers(new: Path) -> Path | None:
    return file if (file := new / "waivers.yaml").is_file() else None
