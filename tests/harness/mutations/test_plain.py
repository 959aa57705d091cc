"""Documents that need no bundling are recognized, and bundling would not change them."""

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings

from statuspin.loading.bundling import walk
from statuspin.loading.files import File
from statuspin.loading.plain import is_plain
from tests.harness.mutations.test_no_traceback import EVERYTHING, SMALL, mutants


def _file(data: dict[str, Any]) -> File:
    return File("file:///openapi.json", "openapi.json", data, json.dumps(data), is_json=True)


def _refuse(uri: str) -> File:
    raise AssertionError(uri)


def _plain_everything() -> dict[str, Any]:
    data = copy.deepcopy(EVERYTHING)
    del data["paths"]["/items"], data["components"]["callbacks"]["shared"]
    del data["paths"]["/pets/{id}"]["post"]["callbacks"]["shared"]
    schemas = data["components"]["schemas"]
    schemas["Tree"] = {"properties": {"children": {"items": {"$ref": "#/components/schemas/Tree"}}}}
    schemas["Dog"]["properties"]["tricks"]["items"] = {"$ref": "#/components/schemas/Tree"}
    return data


def test_a_document_with_everything_is_plain_if_its_references_lead_to_components():
    assert is_plain(_file(_plain_everything()))
    assert not is_plain(_file(EVERYTHING))


PLAIN = [SMALL, _plain_everything()]
NAMED = {"components": {"schemas": {"A": True, "B": {"$ref": "#/components/schemas/A"}}}}
RECURSIVE = {"components": {"schemas": {"A": {"properties": {"a": {"$ref": "#/components/schemas/A"}}}}}}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@example((SMALL, SMALL | {"components": {"schemas": {"A": {"$ref": "#/components/schemas/A"}}}}))
@example((SMALL, SMALL | {"components": {"schemas": {"A": {"$ref": "#/components/schemas/B"}}}}))
@example((SMALL, SMALL | NAMED))
@given(mutants(PLAIN))
def test_bundling_does_not_change_a_plain_document(documents):
    data = documents[1]
    assume(is_plain(_file(data)))
    kept = copy.deepcopy(data)

    bundle = walk(_file(data), _refuse)
    assert (data, bundle.origins, bundle.empty) == (kept, {}, [])


@pytest.mark.parametrize("identifier", ["", "#", "#a"])
def test_an_identifier_without_a_uri_does_not_replace_the_document(identifier):
    data = SMALL | RECURSIVE | {"openapi": "3.1.1", "info": SMALL["info"] | {"$id": identifier}}
    kept = copy.deepcopy(data)
    assert not is_plain(_file(data))
    walk(_file(data), _refuse)
    assert data == kept
