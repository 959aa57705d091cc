"""`statuspin lint`: check the files of a contract, without a server."""

from pathlib import Path

import click

from statuspin.cli.output import contract_option, format_options, remote_option, write_report
from statuspin.contract.folder import Contract
from statuspin.formats import Report, Words
from statuspin.lint import document_findings, matrix_findings


@click.command()
@contract_option
@remote_option
@format_options
def lint(folder: Path, *, allow_remote: bool, style: str, output: Path | None) -> int:
    """Check that openapi.yaml and pins.yaml are valid, complete, and consistent with each other.

    Exit status: 0 without findings of severity error, 1 with at least one, 2 if a file cannot be read.
    """
    contract = Contract.read(folder, allow_remote=allow_remote)
    findings = (*document_findings(contract.document), *matrix_findings(contract))
    words = Words(nothing=f"{len(contract.document.operations)} operations, {len(contract.matrix)} pins, no problems")
    report = Report("statuspin lint", str(folder), contract.document.name, findings, words)
    write_report(report, style, output)
    return report.status
