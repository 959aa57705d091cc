"""Verify a frozen contract on the current build."""

from dataclasses import replace
from pathlib import Path

from statuspin.contract.folder import Contract
from statuspin.contract.pins import Correction
from statuspin.releases.replaying import adapt_to_current
from tests.harness.contract.samples import contract, operation, raw


def _contract(folder: Path, version: str, token: str) -> Contract:
    document = {**raw({"/a": {"post": operation("log_in")}}), "info": {"title": "t", "version": version}}
    rows = [{"actor": "anonymous", "answer": 200, "holds": {"version": version, "state": "well", "count": 1}}]
    login = {"operation": "log_in", "token": token}
    return contract(folder, document, {"login": login, "pins": {"log_in": {"rows": rows}}})


def test_the_version_and_the_login_are_the_current_ones(tmp_path: Path):
    current, released = _contract(tmp_path / "now", "1.2.0", "token"), _contract(tmp_path / "then", "1.1.0", "access")

    kept = adapt_to_current(current, released)

    assert kept.pins.pins["log_in"].rows[0].holds == {"version": "1.2.0", "state": "well", "count": 1}
    assert kept.pins.login == current.pins.login
    assert kept.document is released.document
    assert released.pins.pins["log_in"].rows[0].holds["version"] == "1.1.0"


def test_a_correction_applies_only_to_its_place_and_operation(tmp_path: Path):
    current, released = _contract(tmp_path / "now", "1.2.0", "token"), _contract(tmp_path / "then", "1.1.0", "token")
    corrections = [
        Correction(operation="log_in", place="state", was="well", now="fine", because="It is plainer."),
        Correction(operation="log_in", place="count", was=2, now=3, because="Another value stays."),
        Correction(operation="other", place="count", was=1, now=5, because="Another operation stays."),
    ]
    current = replace(current, pins=current.pins.model_copy(update={"corrections": tuple(corrections)}))

    kept = adapt_to_current(current, released)

    assert kept.pins.pins["log_in"].rows[0].holds == {"version": "1.2.0", "state": "fine", "count": 1}
