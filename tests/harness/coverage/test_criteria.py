"""The coverage levels of a document with two operations, and their missing items."""

import pytest

from statuspin.coverage.criteria import Criteria
from statuspin.http.exchange import Exchange
from tests.harness.contract.samples import body_response, document, operation
from tests.harness.coverage.exchanges import exchange

MADE = {
    **body_response(
        {"type": "object", "properties": {"id": {"type": "integer"}, "tags": {"items": {"properties": {"t": {}}}}}}
    ),
    "links": {"read it": {"operationId": "read", "parameters": {"id": "$response.body#/id"}}},
}
DOCUMENT = document(
    {
        "/a": {
            "post": {
                "operationId": "make",
                "requestBody": {
                    "content": {"application/json": {"schema": {"properties": {"open": {"type": "boolean"}}}}}
                },
                "responses": {
                    "201": MADE,
                    "400": {"description": ""},
                    "422": {"description": ""},
                    "500": {"description": ""},
                },
            }
        },
        "/a/{kind}/{id}": {
            "parameters": [
                {"name": "kind", "in": "path", "schema": {"enum": ["x", "y"]}},
                {"name": "id", "in": "path", "schema": {"type": "integer"}},
            ],
            "get": {
                "operationId": "read",
                "parameters": [{"name": "X-Way", "in": "header"}, {"name": "theme", "in": "cookie"}],
                "responses": {"200": body_response({}, media_type="image/*"), "default": {"description": ""}},
            },
        },
    }
)
MORE = {"x-way": "1", "cookie": "a=b; theme=dark"}
PICTURE = "image/png"
STEPS: list[tuple[int, list[Exchange], dict[str, list[str]]]] = [
    (0, [], {"paths": ["/a", "/a/{kind}/{id}"]}),
    (1, [exchange("make", "/a", 400, method="PUT"), exchange("read", "/base/a/x/7", 400)], {"operations": ["make"]}),
    (2, [exchange("make", "/a", 400, method="POST")], {
        "request media types": ["make · application/json"],
        "response media types": ["read · image/*"],
    }),
    (3, [
        exchange("make", "/a", 422, method="POST", body={"open": True}),
        exchange("read", "/a/x/7", 200, media_type=PICTURE),
    ], {"parameters": ["read · X-Way", "read · theme"], "status classes": ["make · 2XX"]}),
    (4, [
        exchange("make", "/a", 201, method="POST", body={"open": True}, answer={"id": 8}),
        exchange("read", "/a/x/7", 200, headers=MORE, media_type=PICTURE),
    ], {"parameter values": ["make · open = false", "read · kind = y"]}),
    (5, [
        exchange("make", "/a", 201, method="POST", body={"open": False}, answer={"id": 8}),
        exchange("read", "/a/y/7", 200, media_type=PICTURE),
    ], {"response properties": ["make · 201 · tags", "make · 201 · tags[].t"]}),
    (6, [exchange("make", "/a", 201, method="POST", answer={"id": 9, "tags": [{"t": 1}]})], {
        "operation flows": ["make · 201 · read it"],
    }),
    (7, [exchange("read", "/a/y/9", 200, media_type=PICTURE)], {}),
]  # fmt: skip


@pytest.mark.parametrize("level", list(range(8)))
def test_a_level_is_reached_and_the_next_one_lists_its_missing_items(level):
    criteria = Criteria(DOCUMENT, (500,))
    for _, exchanges, _ in STEPS[: level + 1]:
        for each in exchanges:
            criteria.see(each)
    missing = {each.name: each.missing for each in criteria.all if each.level == level + 1 and not each.met}
    assert (criteria.level, missing) == (level, STEPS[level][2])


def test_a_forbidden_status_is_not_required():
    wanted = {name for criterion in Criteria(DOCUMENT, (500,)).all for name in criterion.wanted}
    assert "make · 422" in wanted
    assert not [name for name in wanted if "500" in name or "5XX" in name]


@pytest.mark.parametrize("status", [401, 403, 404, 429])
def test_a_rejected_request_covers_only_its_status(status):
    criteria = Criteria(DOCUMENT)
    criteria.see(exchange("read", "/a/x/7", status, headers=MORE))
    assert criteria.level == 0
    assert {criterion.name for criterion in criteria.all if criterion.seen} == {"statuses", "status classes"}


def test_a_404_counts_if_the_operation_also_succeeds():
    criteria = Criteria(DOCUMENT)
    criteria.see(exchange("read", "/a/x/7", 404, headers=MORE))
    criteria.see(exchange("read", "/a/x/8", 200))
    seen = {name for criterion in criteria.all for name in criterion.seen}
    assert {"read", "read · X-Way", "read · theme"} <= seen


def test_an_operation_that_documents_only_403_is_covered_by_it():
    criteria = Criteria(document({"/a": {"get": operation("closed", "403")}}))
    criteria.see(exchange("closed", "/a", 403))
    assert criteria.level == 7


def test_failed_and_unknown_exchanges_cover_nothing():
    criteria = Criteria(DOCUMENT)
    criteria.see(exchange("make", "/a", None))
    criteria.see(exchange("other", "/a", 200))
    assert not any(criterion.seen for criterion in criteria.all)


def test_a_recursive_schema_is_covered_to_a_finite_depth():
    node = {
        "properties": {
            "id": {},
            "next": {"$ref": "#/components/schemas/Node"},
            "all": {"items": {"$ref": "#/components/schemas/Node"}},
        }
    }
    paths = {
        "/a": {"get": {"operationId": "a", "responses": {"200": body_response({"$ref": "#/components/schemas/Node"})}}}
    }
    criteria = Criteria(document(paths, components={"schemas": {"Node": node}}))
    wanted = next(each for each in criteria.all if each.name == "response properties").wanted
    assert {"a · 200 · id", "a · 200 · next", "a · 200 · all"} <= wanted
