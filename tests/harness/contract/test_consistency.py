"""Unknown names in pins.yaml: the error has the place and a similar name."""

from pathlib import Path
from typing import Any

import pytest

from statuspin.contract.folder import Contract
from statuspin.errors import CannotRun
from tests.harness.contract.samples import contract, operation, raw, write_contract

DOCUMENT = raw({"/a": {"get": operation("get_a"), "post": operation("make_a")}})
STEP = {"operation": "make_a", "actor": "owner"}


def pins(*rows: dict[str, Any], looks_at: tuple[str, ...] = ("new",), **more: Any) -> dict[str, Any]:
    """Return valid pins with the changes of a test."""
    sound = {
        "actors": {"anonymous": {"anonymous": True}, "owner": {}},
        "states": {"new": {"steps": [STEP]}},
        "service": {"start": ["x"], "ready": "/", "modes": {"slow": {}}},
    }
    return {**sound, "pins": {"get_a": {"states": list(looks_at), "rows": list(rows)}}, **more}


def row(**more: Any) -> dict[str, Any]:
    return {"actor": "owner", "answer": 200, **more}


UNKNOWN = [
    (pins(pins={"get_b": {}}), "pins: unknown operation 'get_b'; did you mean 'get_a'?"),
    (pins(pins={"remove": {}}), "pins: unknown operation 'remove'; known are get_a, make_a"),
    (pins(row(actor="ownr")), "pins → get_a → row 1: unknown actor 'ownr'; did you mean 'owner'?"),
    (pins(row(), row(state="nev")), "pins → get_a → row 2: unknown state of the operation 'nev'; did you mean 'new'?"),
    (pins(looks_at=("newer",)), "pins → get_a → states: unknown state 'newer'; did you mean 'new'?"),
    (pins(row(mode="slwo")), "pins → get_a → row 1: unknown mode 'slwo'; did you mean 'slow'?"),
    (
        pins(row(before=[{**STEP, "operation": "mke_a"}])),
        "row 1 → mke_a: unknown operation 'mke_a'; did you mean 'make_a'?",
    ),
    (pins(row(then=[{**STEP, "actor": "me"}])), "row 1 → make_a: unknown actor 'me'; known are anonymous, owner"),
    (pins(states={"new": {"after": "old"}}), "states → new → after: unknown state 'old'; known are new"),
    (pins(states={"new": {"undo": [{**STEP, "actor": "x"}]}}), "states → new → make_a: unknown actor 'x'"),
    (pins(fuzzer="ownr"), "fuzzer: unknown actor 'ownr'; did you mean 'owner'?"),
    (pins(login={"operation": "log_in", "token": "t"}), "login: unknown operation 'log_in'; known are get_a, make_a"),
    (pins(actors={"owner": {}, "odd": {"tampered": "ownr"}}), "actors → odd → tampered: unknown actor 'ownr'"),
    (
        pins(service={"start": ["x"], "ready": "/", "modes": {"m": {"until": {**STEP, "operation": "z"}}}}),
        "service → modes → m → z: unknown operation 'z'",
    ),
    (
        pins(pins={"get_a": {"states": ["new"], "impossible": [{"actor": "ownr", "because": "away"}]}}),
        "pins → get_a → impossible 1: unknown actor 'ownr'; did you mean 'owner'?",
    ),
    (
        pins(states={"new": {"after": "old"}, "old": {"after": "new"}}),
        "states → new: is part of a cycle: new → old → new",
    ),
    (pins(actors={"owner": {"tampered": "owner"}}), "actors → owner: is part of a cycle: owner → owner"),
]


@pytest.mark.parametrize(("content", "message"), UNKNOWN, ids=[message[:40] for _, message in UNKNOWN])
def test_an_unknown_name_is_an_error_with_its_place_and_a_similar_name(tmp_path: Path, content, message):
    folder = write_contract(tmp_path, DOCUMENT, content)
    with pytest.raises(CannotRun) as raised:
        Contract.read(folder)
    assert str(raised.value).startswith(f"{folder / 'pins.yaml'}: ")
    assert message in str(raised.value)


def test_a_contract_with_known_names_is_read(tmp_path: Path):
    read = contract(tmp_path, DOCUMENT, pins(row(state="any", mode="any"), row(actor="any", before=[STEP])))
    assert [pin.id for pin in read.matrix] == [
        "get_a · owner · new · slow", "get_a · anonymous · new", "get_a · owner · new",
    ]  # fmt: skip


def test_an_error_in_one_line_if_a_folder_or_file_is_missing(tmp_path: Path):
    with pytest.raises(CannotRun, match="does not exist; pass a contract folder with --contract"):
        Contract.read(tmp_path / "none")
    folder = write_contract(tmp_path / "a", DOCUMENT, pins())
    with pytest.raises(CannotRun, match="is not a folder; pass a contract folder with --contract"):
        Contract.read(folder / "pins.yaml")
    (folder / "pins.yaml").unlink()
    with pytest.raises(CannotRun, match=r"has no pins\.yaml; create one with `statuspin init .*`"):
        Contract.read(folder)
