"""Credentials of every kind that OpenAPI can describe, on real servers."""

import base64
from collections.abc import Callable
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from statuspin.errors import CannotRun
from tests.harness.http.server import Asked, Said, serving
from tests.harness.reach.running import document, kept, run, written

KEY = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
ROWS = [{"actor": ["anonymous", "forger"], "answer": 401}, {"actor": "caller", "answer": 200}]


def secured(**schemes: Any) -> dict[str, Any]:
    named = [{name: []} for name in schemes]
    return document(security=named, components={"securitySchemes": schemes})


def pins(caller: dict[str, Any], **more: Any) -> dict[str, Any]:
    actors = {"anonymous": {"anonymous": True}, "caller": caller, "forger": {"tampered": "caller"}}
    return {"actors": actors, "fuzzer": "caller", "pins": {"get_thing": {"rows": ROWS}}, **more}


def wants(is_welcome: Callable[[Asked], bool]) -> Callable[[Asked], Said]:
    """An API that shows its thing to those who are welcome."""

    def answers(asked: Asked) -> Said:
        if not is_welcome(asked):
            return Said(401, {"error": "who are you?"}, {"WWW-Authenticate": "Custom"})
        return Said(201 if asked.method == "POST" else 200, {"id": 1})

    return answers


def cookies_of(asked: Asked) -> dict[str, str]:
    return {name: morsel.value for name, morsel in SimpleCookie(asked.headers.get("cookie", "")).items()}


def query_of(asked: Asked) -> dict[str, list[str]]:
    return parse_qs(urlsplit(asked.target).query)


def authorized(value: str) -> Callable[[Asked], bool]:
    return lambda asked: asked.headers.get("authorization") == value


BASIC = "Basic " + base64.b64encode("zoë:s3cret".encode()).decode()
CASES = [
    ({"k": KEY}, {"api_key": "s3cret"}, lambda asked: asked.headers.get("x-api-key") == "s3cret"),
    (
        {"k": {**KEY, "in": "query", "name": "key"}}, {"api_key": "s3cret"},
        lambda asked: query_of(asked).get("key") == ["s3cret"],
    ),
    (
        {"k": {**KEY, "in": "cookie", "name": "session"}}, {"api_key": "s3cret"},
        lambda asked: cookies_of(asked) == {"session": "s3cret"},
    ),
    (
        {"k": KEY, "other": {**KEY, "name": "X-Other"}}, {"api_key": "s3cret", "scheme": "other"},
        lambda asked: asked.headers.get("x-other") == "s3cret",
    ),
    (
        {"b": {"type": "http", "scheme": "basic"}}, {"basic": {"username": "zoë", "password": "s3cret"}},
        authorized(BASIC),
    ),
    ({"b": {"type": "http", "scheme": "bearer"}}, {"token": "s3cret"}, authorized("Bearer s3cret")),
    ({"b": {"type": "http", "scheme": "token"}}, {"token": "s3cret"}, authorized("Token s3cret")),
    ({"b": {"type": "http", "scheme": "bearer"}}, {"token": "s3cret", "prefix": "JWT"}, authorized("JWT s3cret")),
    ({"b": {"type": "http", "scheme": "bearer"}}, {"token": "s3cret", "prefix": ""}, authorized("s3cret")),
]  # fmt: skip
IDS = ["header", "query", "cookie", "one of several", "basic", "bearer", "Token", "prefix", "no prefix"]


@pytest.mark.parametrize(("schemes", "caller", "is_welcome"), CASES, ids=IDS)
async def test_an_actor_sends_what_the_scheme_says(tmp_path: Path, schemes, caller, is_welcome):
    with serving(wants(is_welcome)) as server:
        result = await run(written(tmp_path, secured(**schemes), pins(caller)), server.url)
    assert kept(result) == []


@pytest.mark.parametrize(
    ("schemes", "caller", "is_welcome"), [CASES[1], CASES[2], CASES[4]], ids=["query", "cookie", "basic"]
)
async def test_the_fuzzer_sends_the_same_and_sees_that_it_is_enforced(tmp_path: Path, schemes, caller, is_welcome):
    with serving(wants(is_welcome)) as server:
        result = await run(written(tmp_path, secured(**schemes), pins(caller)), server.url, fuzz=True)
    answers = {each.answer.status for cell in result.coverage.cells() for each in cell.exchanges if each.answer}
    assert {200, 201, 401} <= answers
    assert "ignored_auth" in result.fuzzed.checks
    assert [each for each in result.fuzzed.failures if each.check == "ignored_auth"] == []


async def test_the_fuzzer_finds_a_key_that_is_not_looked_at(tmp_path: Path):
    with serving(wants(lambda _: True)) as server:
        result = await run(written(tmp_path, secured(k=KEY), pins({"api_key": "s3cret"})), server.url, fuzz=True)
    assert "ignored_auth" in {each.check for each in result.fuzzed.failures}


async def test_a_value_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("THING_KEY", "s3cret")
    with serving(wants(CASES[0][2])) as server:
        assert kept(await run(written(tmp_path, secured(k=KEY), pins({"api_key": "${THING_KEY}"})), server.url)) == []


async def test_a_line_of_the_tokens_file_is_a_key_if_the_document_only_has_keys(tmp_path: Path):
    with serving(wants(CASES[0][2])) as server:
        read = written(tmp_path, secured(k=KEY), pins({}))
        assert kept(await run(read, server.url, tokens={"caller": "s3cret"})) == []


async def test_the_tokens_file_may_say_what_an_actor_says(tmp_path: Path):
    with serving(wants(authorized(BASIC))) as server:
        read = written(tmp_path, secured(b={"type": "http", "scheme": "basic"}), pins({}))
        tokens = {"caller": {"basic": {"username": "zoë", "password": "s3cret"}}}
        assert kept(await run(read, server.url, tokens=tokens)) == []


async def test_a_pin_leaves_the_credentials_of_its_actor_out(tmp_path: Path):
    described = pins({"api_key": "s3cret"})
    described["pins"]["get_thing"]["rows"] = [{"actor": "caller", "with": {"without": "X-API-Key"}, "answer": 401}]
    with serving(wants(CASES[0][2])) as server:
        assert kept(await run(written(tmp_path, secured(k=KEY), described), server.url)) == []


@pytest.mark.parametrize(
    ("schemes", "caller", "said"),
    [
        ({}, {"api_key": "x"}, r"actors → caller: an actor has an `api_key`, but .* has no apiKey scheme"),
        (
            {"k": KEY, "l": KEY}, {"api_key": "x"},
            "actors → caller: an actor has an `api_key`: set `scheme` to one of k, l",
        ),
        ({"k": KEY}, {"api_key": "x", "scheme": "kk"}, "actors → caller → scheme: unknown security scheme 'kk'"),
        ({"k": KEY}, {"api_key": "x", "token": "y"}, "an actor has only one of .*, not api_key and token"),
        ({"k": KEY}, {"api_key": "x", "prefix": "y"}, "`prefix` goes with `token`"),
    ],
)  # fmt: skip
def test_an_actor_that_makes_no_sense_is_one_line(tmp_path: Path, schemes, caller, said):
    with pytest.raises(CannotRun, match=said):
        written(tmp_path, secured(**schemes), pins(caller))
