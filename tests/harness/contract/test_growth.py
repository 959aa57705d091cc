"""New methods of a path break no promise of an earlier release."""

from pathlib import Path
from typing import Any

from statuspin.contract.folder import Contract
from statuspin.contract.growth import adapt_to_growth, find_added_methods
from tests.harness.contract.samples import contract, document, operation, raw

OLD = {"/a/{b}": {"get": operation("read", "200", "405")}, "/c": {"get": operation("list", "200", "405")}}
NEW = {
    "/a/{name}": {**OLD["/a/{b}"], "delete": operation("remove", "204")},
    "/c": OLD["/c"],
    "/d": {"get": operation("other")},
}
ROWS: list[dict[str, Any]] = [
    {"actor": "anonymous", "answer": 200, "headers": {"Allow": "never"}},
    {"actor": "anonymous", "input": "PUT", "with": {"method": "PUT"}, "answer": 405, "headers": {"Allow": "GET"}},
    {"actor": "anonymous", "input": "DELETE", "with": {"method": "DELETE"}, "answer": 405, "headers": {"allow": "GET"}},
    {"actor": "anonymous", "input": "DELETE, 404", "with": {"method": "DELETE"}, "answer": 404},
]


def _release(folder: Path) -> Contract:
    pins = {"read": {"request": {"path": {"b": 1}}, "rows": ROWS}, "list": {"rows": ROWS}}
    return contract(folder, raw(OLD), {"pins": pins})


def _list_promises(read: Contract, name: str) -> list[tuple[str, int | None, dict[str, str | None]]]:
    return [(row.input, row.answer, row.headers) for row in read.pins.pins[name].rows]


def test_a_path_gains_methods_with_any_names_of_parameters_and_a_new_path_gains_none():
    assert find_added_methods(document(OLD), document({**NEW})) == {"/a/{}": {"DELETE"}}
    assert find_added_methods(document(NEW), document(OLD)) == {}


def test_a_promised_405_does_not_apply_to_a_new_method(tmp_path: Path):
    kept = adapt_to_growth(_release(tmp_path), document(NEW))

    assert _list_promises(kept, "read") == [
        ("valid", 200, {"Allow": "never"}),
        ("PUT", 405, {"Allow": "*"}),
        ("DELETE, 404", 404, {}),
    ]
    assert _list_promises(kept, "list") == _list_promises(_release(tmp_path / "again"), "list")


def test_promises_apply_if_no_method_is_new(tmp_path: Path):
    released = _release(tmp_path)

    assert adapt_to_growth(released, document(OLD)) is released
