"""Links are followed if a request uses the values of an earlier response."""

from typing import Any
from urllib.parse import quote

import pytest

from statuspin.coverage.flows import Flows
from tests.harness.contract.samples import document
from tests.harness.coverage.exchanges import exchange

FLOW = ("make", "201", "its own")


def flows(link: dict[str, Any], status: str = "201") -> Flows:
    made = {status: {"description": "", "links": {"its own": link}}}
    return Flows(
        document(
            {
                "/a/{kind}": {"post": {"operationId": "make", "responses": made}},
                "/b/{id}": {"put": {"operationId": "use", "responses": {}}},
            }
        )
    )


BY_BODY = {"operationId": "use", "parameters": {"id": "$response.body#/data/id"}}
MADE = exchange("make", "/a/red?page=3", 201, method="POST", body={"name": "n"}, answer={"data": {"id": 7}, "x/y": "z"})


@pytest.mark.parametrize(
    ("link", "target", "body"),
    [
        (BY_BODY, "/b/7", None),
        (BY_BODY, "/b/0?id=7", None),
        ({"operationId": "use", "requestBody": {"a": ["$response.body#/data/id"]}}, "/b/1", {"deep": [{"a": 7}]}),
        ({"operationId": "use", "requestBody": "id {$response.body#/x~1y}"}, "/b/z", None),
        ({"operationId": "use", "parameters": {"id": "$request.body#/name"}}, "/b/n", None),
        ({"operationId": "use", "parameters": {"id": "$request.query.page"}}, "/b/3", None),
        ({"operationId": "use", "parameters": {"id": "$request.path.kind"}}, "/b/red", None),
        ({"operationId": "use", "parameters": {"id": "$response.header.Content-Type"}}, "/b/application%2Fjson", None),
        ({"operationRef": "#/paths/~1b~1{id}/put", "parameters": {"id": "$response.body#/data/id"}}, "/b/7", None),
        ({"operationRef": "#/paths/~1b~1%7Bid%7D/put", "parameters": {"id": "$response.body#/data/id"}}, "/b/7", None),
        ({"operationId": "use", "parameters": {"id": "fixed"}}, "/b/anything", None),
    ],
)
def test_a_link_is_followed_by_a_request_that_has_its_values(link, target, body):
    seen = flows(link)
    assert seen.all == {FLOW}
    seen.see(MADE)
    assert seen.followed == set()
    seen.see(exchange("use", target, method="PUT", body=body))
    assert seen.followed == {FLOW}


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (MADE, exchange("use", "/b/8")),
        (MADE, exchange("make", "/b/7")),
        (exchange("make", "/a/red", 400, answer={"data": {"id": 7}}), exchange("use", "/b/7")),
        (exchange("make", "/a/red", 201, answer={"data": {}}), exchange("use", "/b/None")),
        (exchange("make", "/a/red", None), exchange("use", "/b/7")),
        (exchange("use", "/b/7"), MADE),
    ],
    ids=["another id", "another operation", "another status", "no id", "no answer", "the wrong order"],
)
def test_a_link_is_not_followed_by_other_requests(first, then):
    seen = flows(BY_BODY)
    seen.see(first)
    seen.see(then)
    assert seen.followed == set()


@pytest.mark.parametrize("status", ["2XX", "default"])
def test_a_link_of_a_status_class_is_followed(status):
    seen = flows(BY_BODY, status)
    seen.see(MADE)
    seen.see(exchange("use", "/b/7"))
    assert seen.followed == {("make", status, "its own")}


@pytest.mark.parametrize(
    ("expression", "taken"),
    [
        ("$request.header.X-Trace", "t-1"),
        ("$response.header.content-type", "application/json"),
        ("$response.body#/list/1/id", "second"),
        ("$response.body#/a~1b/c~0d", "escaped"),
    ],
)
def test_a_value_is_read_by_its_runtime_expression(expression, taken):
    answer = {"list": [{"id": "first"}, {"id": "second"}], "a/b": {"c~d": "escaped"}}
    made = exchange("make", "/a/red", 201, method="POST", headers={"x-trace": "t-1"}, answer=answer)
    for content, followed in ((taken, {FLOW}), ("something-else", set())):
        seen = flows({"operationId": "use", "parameters": {"id": expression}})
        seen.see(made)
        seen.see(exchange("use", f"/b/{quote(content, safe='')}", 200, method="PUT"))
        assert seen.followed == followed


@pytest.mark.parametrize("place", ["body#/list/2/id", "body#/list/x", "header.x-none"])
def test_a_link_with_a_missing_value_is_not_followed(place):
    seen = flows({"operationId": "use", "parameters": {"id": f"$response.{place}"}})
    seen.see(exchange("make", "/a/red", 201, method="POST", answer={"list": [{"id": "first"}]}))
    seen.see(exchange("use", "/b/None", 200, method="PUT"))
    assert seen.followed == set()
