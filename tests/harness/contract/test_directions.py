"""readOnly properties are not sent, and coverage does not require them."""

import pytest
import yaml

from statuspin.coverage.criteria import Criteria
from statuspin.scaffold.pins import scaffold
from tests.harness.contract.samples import body_response, document

KIND = {"enum": ["a", "b"], "readOnly": True}
ITEM = {
    "type": "object",
    "required": ["id", "name", "kind", "part", "secret"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "kind": {"$ref": "#/components/schemas/Kind"},
        "part": {"type": "object", "required": ["id", "n"], "properties": {
            "id": {"type": "integer", "readOnly": True}, "n": {"type": "integer"}}},
        "secret": {"type": "string", "writeOnly": True},
    },
}  # fmt: skip
SENT = {"name": "x", "part": {"n": 1}, "secret": "x"}
EXAMPLE = {"id": 7, "name": "n", "kind": "a", "part": {"id": 8, "n": 9}, "secret": "s"}


def api(**media):
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}, **media}}}
    post = {"operationId": "make", "requestBody": body, "responses": {"201": body_response(ITEM)}}
    return document({"/a": {"post": post}}, components={"schemas": {"Item": ITEM, "Kind": KIND}})


@pytest.mark.parametrize(
    ("media", "sent"),
    [({}, SENT), ({"example": EXAMPLE}, {"name": "n", "part": {"n": 9}, "secret": "s"})],
    ids=["made", "the example of the document"],
)
def test_a_scaffold_leaves_read_only_properties_out(media, sent):
    assert yaml.safe_load(scaffold(api(**media)))["pins"]["make"]["request"]["body"] == sent


def test_coverage_requires_no_read_only_properties_of_requests_and_no_write_only_ones_of_responses():
    wanted = {name for criterion in Criteria(api()).all for name in criterion.wanted}
    assert "make · 201 · id" in wanted
    assert not {"make · 201 · secret", "make · kind = a", "make · kind = b"} & wanted
