"""States that are made and put away again, and the tokens of those who ask."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from statuspin.verify.pinning import Verdict
from statuspin.verify.target import PreconditionUnavailable
from tests.harness.contract.samples import answering
from tests.harness.http.server import Asked, Said, serving
from tests.harness.verify.small import DOCUMENT, PATH, PINS, STEP, Items, outcome, outcomes, servers_of, small

ROWS = [{"actor": "owner", "answer": 200}, {"actor": "owner", "input": "again", "answer": 200}]
REMOVE = {"operation": "remove_item", "actor": "owner", "answer": 204}


def lines(asked: list[Asked]) -> list[str]:
    return [f"{each.method} {each.target}" for each in asked]


def reading(*rows: dict[str, Any], state: str = "new") -> dict[str, Any]:
    return {"read_item": {**PATH, "states": [state], "rows": list(rows)}}


async def test_a_state_that_is_made_once_serves_all_pins(tmp_path: Path):
    states = {"new": {**PINS["states"]["new"], "once": True}}
    with serving(Items()) as server:
        found = await outcomes(small(tmp_path, reading(*ROWS), states=states), server.url, tidy=True)
    assert {each.verdict for each in found} == {Verdict.KEPT}
    assert lines(server.asked) == ["POST /items", "GET /items/1", "GET /items/1"]


async def test_a_state_is_made_anew_for_each_pin_and_put_away_after_it(tmp_path: Path):
    with serving(Items()) as server:
        await outcomes(small(tmp_path, reading(*ROWS)), server.url, tidy=True)
    one = ["POST /items", "GET /items/1", "DELETE /items/1"]
    assert lines(server.asked) == [*one, *(line.replace("1", "2") for line in one)]


async def test_nothing_is_put_away_where_the_server_does_not_live_on(tmp_path: Path):
    with serving(Items()) as server:
        await outcomes(small(tmp_path, reading(*ROWS)), server.url, tidy=False)
    assert "DELETE" not in {each.method for each in server.asked}


async def test_a_state_after_another_is_put_away_in_reverse_order(tmp_path: Path):
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
    with serving(Items()) as server:
        found = await outcome(small(tmp_path, reading(ROWS[0], state="second"), states=states), server.url, tidy=True)
    assert found.verdict == Verdict.KEPT
    assert lines(server.asked) == ["POST /items", "POST /items", "GET /items/2", "DELETE /items/2", "DELETE /items/1"]


async def test_a_state_that_cannot_be_made_is_named(tmp_path: Path):
    with serving(Items({"POST": Said(422, {"message": "no"})})) as server:
        found = await outcome(small(tmp_path, reading(ROWS[0])), server.url)
    assert found.verdict == Verdict.BROKEN
    assert (
        found.reason == "the state “new” could not be made: around it, make_item as owner: promised 201, observed 422"
    )


async def test_what_the_pin_itself_has_removed_is_put_away_already(tmp_path: Path):
    removing = {"remove_item": {**PATH, "states": ["new"], "rows": [{"actor": "owner", "answer": 204}]}}
    with serving(Items()) as server:
        found = await outcome(small(tmp_path, removing), server.url, tidy=True)
    assert (found.verdict, found.reason) == (Verdict.KEPT, "")
    assert lines(server.asked) == ["POST /items", "DELETE /items/1", "DELETE /items/1"]


async def test_what_cannot_be_put_away_breaks_a_pin(tmp_path: Path):
    with serving(Items({"DELETE": Said(403, {"message": "x"})})) as server:
        found = await outcome(small(tmp_path, reading(ROWS[0])), server.url, tidy=True)
    assert found.verdict == Verdict.BROKEN
    assert found.reason.startswith("its state could not be put away: around it, remove_item as owner: promised 204")


async def test_what_broke_a_pin_is_told_though_putting_away_fails_too(tmp_path: Path):
    fault = {"GET": Said(404, {"message": "x"}), "DELETE": Said(404, {"message": "x"})}
    with serving(Items(fault)) as server:
        found = await outcome(small(tmp_path, reading(ROWS[0])), server.url, tidy=True)
    assert found.reason == "promised 200, observed 404"
    assert lines(server.asked)[-1] == "DELETE /items/1"


async def test_a_step_is_taken_as_often_as_it_says(tmp_path: Path):
    states = {"new": {"steps": [{**STEP, "times": 3, "with": {"body": {"name": "n{number}"}}, "keep": {"id": "id"}}]}}
    with serving(Items()) as server:
        await outcome(small(tmp_path, reading(ROWS[0]), states=states), server.url)
    assert [each.body for each in server.asked[:3]] == [b'{"name": "n0"}', b'{"name": "n1"}', b'{"name": "n2"}']


LOGIN = {
    **DOCUMENT,
    "paths": {**DOCUMENT["paths"], "/login": {"post": {"operationId": "login", "responses": {"200": answering({})}}}},
}
ACTORS = {
    "anonymous": {"anonymous": True}, "fixed": {"authorization": "Basic abc"}, "member": {"login": {"name": "m"}},
    "owner": {}, "forged": {"tampered": "owner"}, "nobody": {"tampered": "anonymous"},
}  # fmt: skip


def logs_in(asked: Asked) -> Said:
    return Said(200, {"token": f"of-{asked.body.decode()[10:11]}"} if b'"m"' in asked.body else {"none": 1})


async def headers(folder: Path, tokens: dict[str, object], *names: str) -> tuple[list[str | None], int]:
    read = small(folder, {}, LOGIN, actors=ACTORS, states={}, login={"operation": "login", "token": "token"})
    with serving(logs_in) as server:
        async with servers_of(read, server.url, tokens) as servers:
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
async def test_an_actor_has_its_header(tmp_path: Path, name, tokens, header):
    assert (await headers(tmp_path, tokens, name))[0] == [header]


async def test_an_actor_logs_in_once_though_many_ask_at_once(tmp_path: Path):
    assert await headers(tmp_path, {}, *["member"] * 8) == (["Bearer of-m"] * 8, 1)


@pytest.mark.parametrize(
    ("name", "tokens", "said"),
    [
        ("owner", {}, "the tokens file has no token for the actor “owner”"),
        ("forged", {}, "the tokens file has no token for the actor “owner”"),
        ("nobody", {}, "there is no token to tamper with for the actor “nobody”"),
        ("owner", {"owner": {"name": "x"}}, "login answered 200 to the login of the actor “owner”"),
    ],
)
async def test_an_actor_without_a_token_cannot_be_provoked(tmp_path: Path, name, tokens, said):
    with pytest.raises(PreconditionUnavailable) as caught:
        await headers(tmp_path, tokens, name)
    assert str(caught.value) == said
