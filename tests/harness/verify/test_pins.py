"""Run pins against a small server: kept, broken and skipped pins, and their messages."""

import socket
from pathlib import Path
from typing import Any

import pytest

from statuspin.http.redaction import Redaction
from statuspin.verify.pinning import Verdict
from tests.harness.http.server import Response, serve
from tests.harness.verify.small import ITEM, PATH, PINS, STEP, Items, outcome, outcomes, small_contract

READ = {**PATH, "states": ["new", "missing"]}


def pins_of_read_item(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"read_item": {**READ, "rows": list(rows)}}


ROW = {"actor": "owner", "state": "new", "answer": 200}


async def test_pins_are_kept_by_a_correct_server(tmp_path: Path):
    read = small_contract(
        tmp_path,
        pins_of_read_item(
            {**ROW, "statements": 2, "holds": {"id": "{id}"}},
            {**ROW, "state": "missing", "answer": 404, "message": "No such item"},
        ),
    )
    with serve(Items()) as server:
        found = await outcomes(read, server.url)
    assert [(each.verdict, each.observed, each.statements) for each in found] == [
        (Verdict.KEPT, "200", 2), (Verdict.KEPT, "404", None),
    ]  # fmt: skip
    assert [exchange.operation for exchange in found[0].exchanges] == ["make_item", "read_item"]
    assert found[0].own == 1


@pytest.mark.parametrize(
    ("row", "fault", "said"),
    [
        ({}, Response(404, {"message": "x"}), "promised 200, observed 404"),
        ({"message": "Hi"}, Response(200, {"id": 1, "message": "Ho"}), "promised the message 'Hi', observed 'Ho'"),
        ({"statements": 1}, None, "promised at most 1 statements, observed 2"),
        ({}, Response(200, {"id": "one"}),
         'promised the response 200 of openapi.yaml, observed: body: id: "one" is not of type "integer"'),
        ({}, Response(200, b"<html>", {"Content-Type": "text/html"}),
         "observed: media type text/html is not documented, only application/json"),
        ({"answer": 418}, Response(418, {}),
         "promised the response 418 of openapi.yaml, observed: status 418 is not documented"),
        ({}, Response(before=lambda handler: handler.connection.shutdown(socket.SHUT_RDWR) or True),
         "observed none: the connection was closed"),
        ({"keep": {"x": "nowhere"}}, None, "the response has no value at nowhere"),
        ({"then": [{"operation": "read_item", "actor": "owner", "answer": 404}]}, None,
         "step read_item as owner: promised 404, observed 200"),
        ({"before": [{**STEP, "answer": 200}]}, None, "step make_item as owner: promised 200, observed 201"),
    ],
    ids=["status", "message", "budget", "schema", "HTML", "undocumented", "closed", "keep", "then", "before"],
)  # fmt: skip
async def test_a_broken_pin_has_the_promise_and_the_observation(tmp_path: Path, row, fault, said):
    read = small_contract(tmp_path, pins_of_read_item({**ROW, **row}))
    with serve(Items({"GET": fault} if fault else {})) as server:
        found = await outcome(read, server.url)
    assert found.verdict == Verdict.BROKEN
    assert str(found).startswith("read_item · owner · new → ")
    assert said in str(found)


async def test_a_broken_pin_is_one_line(tmp_path: Path):
    with serve(Items({"GET": Response(404, {"message": "x"})})) as server:
        found = await outcome(small_contract(tmp_path, pins_of_read_item({**ROW, "answer": 200})), server.url)
    assert str(found) == "read_item · owner · new → promised 200, observed 404"


async def test_a_pin_is_skipped_if_its_actor_has_no_token(tmp_path: Path):
    with serve(Items()) as server:
        found = await outcome(
            small_contract(tmp_path, {"list_items": {"rows": [{"actor": "owner", "answer": 200}]}}),
            server.url,
            tokens={},
        )
    assert (found.verdict, found.skipped.name) == (Verdict.SKIPPED, "owner")
    assert str(found) == "list_items · owner → the tokens file contains no token for the actor “owner”"
    assert server.asked == []


async def test_a_pin_of_a_mode_is_skipped_on_a_running_server(tmp_path: Path):
    service = {"start": ["x"], "ready": "/", "modes": {"slow": {}}}
    read = small_contract(
        tmp_path, {"list_items": {"rows": [{"actor": "anonymous", "mode": "slow", "answer": 200}]}}, service=service
    )
    with serve(Items()) as server:
        found = await outcome(read, server.url)
    assert (found.verdict, found.reason) == (Verdict.SKIPPED, "a running server cannot be put in the mode “slow”")


@pytest.mark.parametrize(
    "row",
    [{"with": {"method": "delete"}}, {"before": [STEP]}, {"then": [STEP]}, {"state": "new"}],
    ids=["method", "before", "then", "state"],
)
async def test_a_pin_that_writes_is_skipped_without_permission(tmp_path: Path, row):
    read = small_contract(tmp_path, pins_of_read_item({"actor": "owner", "state": "missing", "answer": 404, **row}))
    with serve(Items()) as server:
        found = await outcome(read, server.url, writes=False)
    assert (found.verdict, found.reason.endswith("is sent only with --allow-writes")) == (Verdict.SKIPPED, True)
    assert server.asked == []


async def test_reads_are_sent_without_permission_to_write(tmp_path: Path):
    with serve(Items()) as server:
        found = await outcome(
            small_contract(tmp_path, pins_of_read_item({**ROW, "state": "missing", "answer": 404})),
            server.url,
            writes=False,
        )
    assert (found.verdict, [asked.method for asked in server.asked]) == (Verdict.KEPT, ["GET"])


def race(answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "take_item": {**PATH, "states": ["new"], "rows": [{"actor": "owner", "at_once": 8, "answers": answers, **more}]}
    }


@pytest.mark.parametrize(
    ("answers", "verdict", "observed"),
    [
        ({"200": 1, "409": 7}, Verdict.KEPT, "200 × 1, 409 × 7"),
        ({"200": "1..3", "409": "5..7"}, Verdict.KEPT, "200 × 1, 409 × 7"),
        ({"200": 2, "409": 6}, Verdict.BROKEN, "200 × 1, 409 × 7"),
        ({"200": 8}, Verdict.BROKEN, "200 × 1, 409 × 7"),
    ],
)
async def test_a_race_counts_its_responses(tmp_path: Path, answers, verdict, observed):
    with serve(Items()) as server:
        found = await outcome(small_contract(tmp_path, race(answers)), server.url)
    assert (found.verdict, found.observed) == (verdict, observed)
    if verdict == Verdict.BROKEN:
        assert str(found) == f"take_item · owner · new · 8 at once → promised {found.pin.promise}, observed {observed}"


async def test_a_race_runs_in_rounds_and_its_successes_agree(tmp_path: Path):
    def number(asked: Any, found: list[int] = []) -> Response:  # noqa: B006
        found.append(0)
        return Response(200, {"id": len(found)})

    document = {"paths": {"/items": {"get": {"operationId": "list_items", "responses": {"200": {
        "description": "", "content": {"application/json": {"schema": ITEM}}}}}}}}  # fmt: skip
    whole = {"openapi": "3.1.0", "info": {"title": "t", "version": "1.0.0"}, **document}
    row = {"actor": "anonymous", "at_once": 2, "answers": {"200": 2}}
    for more, verdict, count in (({"rounds": 3}, Verdict.KEPT, 6), ({"agree": ["id"]}, Verdict.BROKEN, 2)):
        read = small_contract(tmp_path, {"list_items": {"rows": [{**row, **more}]}}, whole, states={})
        with serve(number) as server:
            found = await outcome(read, server.url)
        assert (found.verdict, len(server.asked)) == (verdict, count)
    assert found.reason == "promised the same id in all successful responses, observed 2 different values"


async def test_the_message_of_a_pin_contains_no_token(tmp_path: Path):
    fault = Response(200, {"id": 1, "token": "x"}, {"Set-Cookie": "session=hunter2"})
    read = small_contract(tmp_path, pins_of_read_item({**ROW, "headers": {"Set-Cookie": None}}))
    with serve(Items({"GET": fault})) as server:
        found = await outcome(read, server.url)
    assert "hunter2" not in str(found)
    assert Redaction(read.pins.redact).text(str(found)) == str(found)


async def test_a_step_may_use_an_operation_that_has_no_pins(tmp_path: Path):
    assert "make_item" not in pins_of_read_item(ROW)
    assert PINS["states"]["new"]["steps"][0]["operation"] == "make_item"
    with serve(Items()) as server:
        assert (await outcome(small_contract(tmp_path, pins_of_read_item(ROW)), server.url)).verdict == Verdict.KEPT
