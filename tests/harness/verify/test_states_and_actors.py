"""States that are created and undone, and the tokens of actors."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from statuspin.verify.pinning import Verdict
from statuspin.verify.target import PreconditionUnavailable
from tests.harness.contract.samples import body_response
from tests.harness.http.server import ReceivedRequest, Response, serve
from tests.harness.verify.small import (
    DOCUMENT,
    PATH,
    PINS,
    STEP,
    Items,
    open_servers,
    outcome,
    outcomes,
    small_contract,
)

ROWS = [{"actor": "owner", "answer": 200}, {"actor": "owner", "input": "again", "answer": 200}]
REMOVE = {"operation": "remove_item", "actor": "owner", "answer": 204}


def lines(asked: list[ReceivedRequest]) -> list[str]:
    return [f"{each.method} {each.target}" for each in asked]


def pins_in_state(*rows: dict[str, Any], state: str = "new") -> dict[str, Any]:
    return {"read_item": {**PATH, "states": [state], "rows": list(rows)}}


async def test_a_shared_state_is_created_once(tmp_path: Path):
    states = {"new": {**PINS["states"]["new"], "once": True}}
    with serve(Items()) as server:
        found = await outcomes(small_contract(tmp_path, pins_in_state(*ROWS), states=states), server.url, clean_up=True)
    assert {each.verdict for each in found} == {Verdict.KEPT}
    assert lines(server.asked) == ["POST /items", "GET /items/1", "GET /items/1"]


async def test_a_state_is_created_and_undone_for_each_pin(tmp_path: Path):
    with serve(Items()) as server:
        await outcomes(small_contract(tmp_path, pins_in_state(*ROWS)), server.url, clean_up=True)
    one = ["POST /items", "GET /items/1", "DELETE /items/1"]
    assert lines(server.asked) == [*one, *(line.replace("1", "2") for line in one)]


async def test_a_state_is_not_undone_if_the_server_stops(tmp_path: Path):
    with serve(Items()) as server:
        await outcomes(small_contract(tmp_path, pins_in_state(*ROWS)), server.url, clean_up=False)
    assert "DELETE" not in {each.method for each in server.asked}


async def test_dependent_states_are_undone_in_reverse_order(tmp_path: Path):
    states = {
        "first": {
            "steps": [{**STEP, "keep": {"first": "id"}}],
            "undo": [{**REMOVE, "with": {"path": {"id": "{first}"}}}],
        },
        "second": {
            "after": "first",
            "steps": [{**STEP, "keep": {"id": "id"}}],
            "undo": [{**REMOVE, "with": {"path": {"id": "{id}"}}}],
        },
    }
    with serve(Items()) as server:
        found = await outcome(
            small_contract(tmp_path, pins_in_state(ROWS[0], state="second"), states=states), server.url, clean_up=True
        )
    assert found.verdict == Verdict.KEPT
    assert lines(server.asked) == ["POST /items", "POST /items", "GET /items/2", "DELETE /items/2", "DELETE /items/1"]


async def test_the_reason_names_a_state_that_cannot_be_created(tmp_path: Path):
    with serve(Items({"POST": Response(422, {"message": "no"})})) as server:
        found = await outcome(small_contract(tmp_path, pins_in_state(ROWS[0])), server.url)
    assert found.verdict == Verdict.BROKEN
    assert found.reason == "the state “new” could not be created: step make_item as owner: promised 201, observed 422"


async def test_a_state_that_the_pin_removed_counts_as_undone(tmp_path: Path):
    removing = {"remove_item": {**PATH, "states": ["new"], "rows": [{"actor": "owner", "answer": 204}]}}
    with serve(Items()) as server:
        found = await outcome(small_contract(tmp_path, removing), server.url, clean_up=True)
    assert (found.verdict, found.reason) == (Verdict.KEPT, "")
    assert lines(server.asked) == ["POST /items", "DELETE /items/1", "DELETE /items/1"]


async def test_a_pin_is_broken_if_its_state_cannot_be_undone(tmp_path: Path):
    with serve(Items({"DELETE": Response(403, {"message": "x"})})) as server:
        found = await outcome(small_contract(tmp_path, pins_in_state(ROWS[0])), server.url, clean_up=True)
    assert found.verdict == Verdict.BROKEN
    assert found.reason.startswith("its state could not be removed: step remove_item as owner: promised 204")


async def test_the_reason_of_a_broken_pin_is_kept_if_its_state_cannot_be_undone(tmp_path: Path):
    fault = {"GET": Response(404, {"message": "x"}), "DELETE": Response(404, {"message": "x"})}
    with serve(Items(fault)) as server:
        found = await outcome(small_contract(tmp_path, pins_in_state(ROWS[0])), server.url, clean_up=True)
    assert found.reason == "promised 200, observed 404"
    assert lines(server.asked)[-1] == "DELETE /items/1"


async def test_a_step_is_repeated(tmp_path: Path):
    states = {"new": {"steps": [{**STEP, "times": 3, "with": {"body": {"name": "n{number}"}}, "keep": {"id": "id"}}]}}
    with serve(Items()) as server:
        await outcome(small_contract(tmp_path, pins_in_state(ROWS[0]), states=states), server.url)
    assert [each.body for each in server.asked[:3]] == [b'{"name": "n0"}', b'{"name": "n1"}', b'{"name": "n2"}']


LOGIN = {
    **DOCUMENT,
    "paths": {
        **DOCUMENT["paths"],
        "/login": {"post": {"operationId": "login", "responses": {"200": body_response({})}}},
    },
}
ACTORS = {
    "anonymous": {"anonymous": True}, "fixed": {"authorization": "Basic abc"}, "member": {"login": {"name": "m"}},
    "owner": {}, "forged": {"tampered": "owner"}, "nobody": {"tampered": "anonymous"},
}  # fmt: skip


def answer_login(asked: ReceivedRequest) -> Response:
    return Response(200, {"token": f"of-{asked.body.decode()[10:11]}"} if b'"m"' in asked.body else {"none": 1})


async def headers(folder: Path, tokens: dict[str, object], *names: str) -> tuple[list[str | None], int]:
    read = small_contract(folder, {}, LOGIN, actors=ACTORS, states={}, login={"operation": "login", "token": "token"})
    with serve(answer_login) as server:
        async with open_servers(read, server.url, tokens) as servers:
            made = await asyncio.gather(*(servers.credentials(name) for name in names))
            found = [each.headers.get("authorization") for each in made]
        return found, len(server.asked)


@pytest.mark.parametrize(
    ("name", "tokens", "header"),
    [
        ("anonymous", {"anonymous": "x"}, None),
        ("fixed", {"fixed": "x"}, "Basic abc"),
        ("owner", {"owner": "abc"}, "Bearer abc"),
        ("owner", {"owner": "bearer abc"}, "bearer abc"),
        ("owner", {"owner": "Basic abc"}, "Basic abc"),
        ("member", {}, "Bearer of-m"),
        ("member", {"member": "abc"}, "Bearer abc"),
        ("owner", {"owner": {"name": "m"}}, "Bearer of-m"),
        ("forged", {"owner": "a" * 60}, "Bearer " + "a" * 40 + "A" + "a" * 19),
        ("forged", {"owner": "abcd"}, "Bearer aAcd"),
        ("forged", {"owner": "a"}, "Bearer A"),
    ],
)
async def test_an_actor_sends_its_authorization(tmp_path: Path, name, tokens, header):
    assert (await headers(tmp_path, tokens, name))[0] == [header]


async def test_an_actor_logs_in_once_for_concurrent_requests(tmp_path: Path):
    assert await headers(tmp_path, {}, *["member"] * 8) == (["Bearer of-m"] * 8, 1)


@pytest.mark.parametrize(
    ("name", "tokens", "said"),
    [
        ("owner", {}, "the tokens file contains no token for the actor “owner”"),
        ("forged", {}, "the tokens file contains no token for the actor “owner”"),
        ("nobody", {}, "no token exists that could be tampered with for the actor “nobody”"),
        ("owner", {"owner": {"name": "x"}}, "login returned 200 for the login of the actor “owner”"),
    ],
)
async def test_the_precondition_is_unavailable_if_an_actor_has_no_token(tmp_path: Path, name, tokens, said):
    with pytest.raises(PreconditionUnavailable) as caught:
        await headers(tmp_path, tokens, name)
    assert str(caught.value) == said


@pytest.mark.parametrize("once", [False, True])
async def test_the_steps_of_a_state_have_the_unique_value_of_its_pin_unless_it_is_made_once(tmp_path: Path, once: bool):
    made = {**STEP, "with": {**STEP["with"], "headers": {"x-mark": "{unique}"}}, "keep": {"id": "id"}}
    states = {"first": {"steps": [made], "once": once}, "new": {"after": "first", "steps": [made]}}
    own = {"actor": "owner", "answer": 200, "before": [made]}
    with serve(Items()) as server:
        found = await outcomes(small_contract(tmp_path, pins_in_state(own, state="new"), states=states), server.url)
    assert [str(each) for each in found if each.verdict != Verdict.KEPT] == []
    names = [each.headers["x-mark"] for each in server.asked if each.method == "POST"]
    assert len(names) == 3
    assert len(set(names)) == (2 if once else 1)
    assert names[1] == names[2]
