"""Freeze the contract in force: refused where it breaks clients of the release before without a new major version."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from statuspin.contract.folder import Contract
from statuspin.diff import WAIVER_RULES, Severities, compare, read_waivers, waive
from statuspin.diff.pins import compare_pins
from statuspin.errors import CannotRun
from statuspin.findings import Finding, Severity
from statuspin.lint import document_findings, matrix_findings
from statuspin.releases.versions import frozen, parsed_version

_FILES = ("openapi.yaml", "openapi.yml", "openapi.json", "pins.yaml", "waivers.yaml")


def hindrances(contract: Contract, version: str) -> list[Finding]:
    """What keeps the contract from being frozen: what lint says, and what breaks clients within a major version.

    A waiver beside the contract that has not expired lets its finding pass, as it does in `diff`.

    Raises CannotRun where the version is no version, not the document's, or frozen already.
    """
    number, known = parsed_version(version), frozen(contract.folder)
    if version in known:
        raise CannotRun(f"{known[version]} is there already, and what is frozen is not edited; raise info.version")
    if contract.document.release != version:
        said = contract.document.release or "nothing"
        raise CannotRun(f"{contract.document.name}: info.version says {said}, not {version}; make them agree first")
    found = [*document_findings(contract.document), *matrix_findings(contract)]
    before = [name for name in known if parsed_version(name) < number]
    if before and parsed_version(before[-1])[0] == number[0]:
        released = Contract.read(known[before[-1]])
        breaks = [*compare(released.document, contract.document).findings, *compare_pins(released, contract)]
        found += _waived(breaks, contract.folder / "waivers.yaml")
    return [finding for finding in found if finding.severity == Severity.ERROR]


def _waived(findings: list[Finding], file: Path) -> list[Finding]:
    if not file.is_file():
        return findings
    waivers = read_waivers(file, Severities.usual().rules - WAIVER_RULES)
    return waive(findings, waivers, datetime.now(UTC).date())


def freeze_as(contract: Contract, version: str) -> Path:
    """Copy the contract's files into a folder of that name beside it, and return the folder."""
    target = contract.folder.resolve().parent / version
    try:
        target.mkdir()
        for name in _FILES:
            if (contract.folder / name).is_file():
                shutil.copyfile(contract.folder / name, target / name)
    except OSError as error:
        raise CannotRun(f"{target}: {(error.strerror or str(error)).lower()}") from None
    return target
