"""Freeze the current contract, unless it breaks clients of the last release without a new major version."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from statuspin.contract.folder import Contract
from statuspin.diff import WAIVER_RULES, Severities, compare, read_waivers, waive
from statuspin.diff.pins import compare_pins
from statuspin.errors import CannotRun
from statuspin.findings import Finding, Severity
from statuspin.lint import document_findings, matrix_findings
from statuspin.releases.versions import find_frozen, parse_version

_FILES = ("openapi.yaml", "openapi.yml", "openapi.json", "pins.yaml", "waivers.yaml")


def find_obstacles(contract: Contract, version: str) -> list[Finding]:
    """Return the findings that prevent freezing: those of lint, and breaking changes within a major version.

    As in `diff`, a waiver in the contract folder that has not expired accepts its finding.

    Raises CannotRun if the version is invalid, is already frozen, or differs from the document's.
    """
    number, known = parse_version(version), find_frozen(contract.folder)
    if version in known:
        raise CannotRun(f"{known[version]} is already frozen and must not change; raise info.version")
    if contract.document.release != version:
        stated = contract.document.release or "nothing"
        raise CannotRun(f"{contract.document.name}: info.version says {stated}, not {version}; make them agree first")
    found = [*document_findings(contract.document), *matrix_findings(contract)]
    before = [name for name in known if parse_version(name) < number]
    if before and parse_version(before[-1])[0] == number[0]:
        released = Contract.read(known[before[-1]])
        breaks = [*compare(released.document, contract.document).findings, *compare_pins(released, contract)]
        found += _accept_waived(breaks, contract.folder / "waivers.yaml")
    return [finding for finding in found if finding.severity == Severity.ERROR]


def _accept_waived(findings: list[Finding], file: Path) -> list[Finding]:
    if not file.is_file():
        return findings
    waivers = read_waivers(file, Severities.usual().rules - WAIVER_RULES)
    return waive(findings, waivers, datetime.now(UTC).date())


def freeze_contract(contract: Contract, version: str) -> Path:
    """Copy the contract's files into a folder named after the version, next to the contract. Return the folder."""
    target = contract.folder.resolve().parent / version
    try:
        target.mkdir()
        for name in _FILES:
            if (contract.folder / name).is_file():
                shutil.copyfile(contract.folder / name, target / name)
    except OSError as error:
        raise CannotRun(f"{target}: {(error.strerror or str(error)).lower()}") from None
    return target
