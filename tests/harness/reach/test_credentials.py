"""Credentials of every kind in OpenAPI, on real servers."""

import base64
from collections.abc import Callable
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from statuspin.errors import CannotRun
from tests.harness.http.server import ReceivedRequest, Response, serve
from tests.harness.reach.runs import broken_pins, document, run, write_contract

KEY = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
ROWS = [{"actor": ["anonymous", "forger"], "answer": 401}, {"actor": "caller", "answer": 200}]


def document_with_schemes(**schemes: Any) -> dict[str, Any]:
    named = [{name: []} for name in schemes]
    return document(security=named, components={"securitySchemes": schemes})


def pins(caller: dict[str, Any], **more: Any) -> dict[str, Any]:
    actors = {"anonymous": {"anonymous": True}, "caller": caller, "forger": {"tampered": "caller"}}
    return {"actors": actors, "fuzzer": "caller", "pins": {"get_thing": {"rows": ROWS}}, **more}


def require(is_authorized: Callable[[ReceivedRequest], bool]) -> Callable[[ReceivedRequest], Response]:
    """Return an API that requires authorization for its thing."""

    def answers(asked: ReceivedRequest) -> Response:
        if not is_authorized(asked):
            return Response(401, {"error": "who are you?"}, {"WWW-Authenticate": "Custom"})
        return Response(201 if asked.method == "POST" else 200, {"id": 1})

    return answers


def cookies_of(asked: ReceivedRequest) -> dict[str, str]:
    return {name: morsel.value for name, morsel in SimpleCookie(asked.headers.get("cookie", "")).items()}


def query_of(asked: ReceivedRequest) -> dict[str, list[str]]:
    return parse_qs(urlsplit(asked.target).query)


def sends(value: str) -> Callable[[ReceivedRequest], bool]:
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
        sends(BASIC),
    ),
    ({"b": {"type": "http", "scheme": "bearer"}}, {"token": "s3cret"}, sends("Bearer s3cret")),
    ({"b": {"type": "http", "scheme": "token"}}, {"token": "s3cret"}, sends("Token s3cret")),
    ({"b": {"type": "http", "scheme": "bearer"}}, {"token": "s3cret", "prefix": "JWT"}, sends("JWT s3cret")),
    ({"b": {"type": "http", "scheme": "bearer"}}, {"token": "s3cret", "prefix": ""}, sends("s3cret")),
    (
        {"k": KEY, "b": {"type": "http", "scheme": "token"}}, {"api_key": "k3y", "token": "s3cret"},
        lambda asked: sends("Token s3cret")(asked) and asked.headers.get("x-api-key") == "k3y",
    ),
    (
        {"k": {**KEY, "in": "query", "name": "key"}, "b": {"type": "http", "scheme": "basic"}},
        {"api_key": "k3y", "basic": {"username": "zoë", "password": "s3cret"}, "scheme": "b"},
        lambda asked: sends(BASIC)(asked) and query_of(asked).get("key") == ["k3y"],
    ),
    (
        {"k": KEY, "other": {**KEY, "name": "X-Other"}, "b": {"type": "http", "scheme": "token"}},
        {"api_key": "k3y", "authorization": "Token s3cret", "scheme": "other"},
        lambda asked: sends("Token s3cret")(asked) and asked.headers.get("x-other") == "k3y",
    ),
]  # fmt: skip
IDS = [
    "header", "query", "cookie", "one of several", "basic", "bearer", "Token", "prefix", "no prefix", "key and token",
    "key and basic", "one of several keys and a header",
]  # fmt: skip


@pytest.mark.parametrize(("schemes", "caller", "is_authorized"), CASES, ids=IDS)
async def test_an_actor_sends_the_credentials_of_the_scheme(tmp_path: Path, schemes, caller, is_authorized):
    with serve(require(is_authorized)) as server:
        result = await run(write_contract(tmp_path, document_with_schemes(**schemes), pins(caller)), server.url)
    assert broken_pins(result) == []


@pytest.mark.parametrize(
    ("schemes", "caller", "is_authorized"),
    [CASES[1], CASES[2], CASES[4], CASES[9]],
    ids=["query", "cookie", "basic", "key and token"],
)
async def test_the_fuzzer_sends_the_credentials_and_checks_that_they_are_required(
    tmp_path: Path, schemes, caller, is_authorized
):
    with serve(require(is_authorized)) as server:
        result = await run(
            write_contract(tmp_path, document_with_schemes(**schemes), pins(caller)), server.url, fuzz=True
        )
    answers = {each.answer.status for cell in result.coverage.cells() for each in cell.exchanges if each.answer}
    assert {200, 201, 401} <= answers
    assert "ignored_auth" in result.fuzzed.checks
    assert [each for each in result.fuzzed.failures if each.check == "ignored_auth"] == []


async def test_the_fuzzer_finds_a_key_that_is_not_checked(tmp_path: Path):
    with serve(require(lambda _: True)) as server:
        result = await run(
            write_contract(tmp_path, document_with_schemes(k=KEY), pins({"api_key": "s3cret"})), server.url, fuzz=True
        )
    assert "ignored_auth" in {each.check for each in result.fuzzed.failures}


async def test_a_value_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("THING_KEY", "s3cret")
    with serve(require(CASES[0][2])) as server:
        assert (
            broken_pins(
                await run(
                    write_contract(tmp_path, document_with_schemes(k=KEY), pins({"api_key": "${THING_KEY}"})),
                    server.url,
                )
            )
            == []
        )


async def test_a_token_is_a_key_if_the_document_has_only_keys(tmp_path: Path):
    with serve(require(CASES[0][2])) as server:
        read = write_contract(tmp_path, document_with_schemes(k=KEY), pins({}))
        assert broken_pins(await run(read, server.url, tokens={"caller": "s3cret"})) == []


async def test_a_token_of_the_tokens_file_is_sent_beside_the_key_of_pins_yaml(tmp_path: Path):
    schemes, _, is_authorized = CASES[IDS.index("key and token")]
    with serve(require(is_authorized)) as server:
        read = write_contract(tmp_path, document_with_schemes(**schemes), pins({"api_key": "k3y"}))
        assert broken_pins(await run(read, server.url, tokens={"caller": "s3cret"})) == []


async def test_the_tokens_file_may_have_the_credentials_of_an_actor(tmp_path: Path):
    with serve(require(sends(BASIC))) as server:
        read = write_contract(tmp_path, document_with_schemes(b={"type": "http", "scheme": "basic"}), pins({}))
        tokens = {"caller": {"basic": {"username": "zoë", "password": "s3cret"}}}
        assert broken_pins(await run(read, server.url, tokens=tokens)) == []


async def test_a_pin_may_exclude_the_credentials_of_its_actor(tmp_path: Path):
    described = pins({"api_key": "s3cret"})
    described["pins"]["get_thing"]["rows"] = [{"actor": "caller", "with": {"without": "X-API-Key"}, "answer": 401}]
    with serve(require(CASES[0][2])) as server:
        assert (
            broken_pins(await run(write_contract(tmp_path, document_with_schemes(k=KEY), described), server.url)) == []
        )


@pytest.mark.parametrize(
    ("schemes", "caller", "said"),
    [
        ({}, {"api_key": "x"}, r"actors → caller: an actor has an `api_key`, but .* has no apiKey scheme"),
        (
            {"k": KEY, "l": KEY}, {"api_key": "x"},
            "actors → caller: an actor has an `api_key`: set `scheme` to one of k, l",
        ),
        ({"k": KEY}, {"api_key": "x", "scheme": "kk"}, "actors → caller → scheme: unknown security scheme 'kk'"),
        ({"k": KEY}, {"token": "x", "login": {}}, "only one of .*, not login and token; only `api_key` may"),
        ({"k": KEY}, {"api_key": "x", "anonymous": True}, "only one of .*, not anonymous and api_key; only"),
        ({"k": KEY}, {"api_key": "x", "tampered": "forger"}, "only one of .*, not tampered and api_key; only"),
        ({"k": KEY}, {"api_key": "x", "prefix": "y"}, "`prefix` goes with `token`"),
    ],
)  # fmt: skip
def test_an_invalid_actor_is_one_line(tmp_path: Path, schemes, caller, said):
    with pytest.raises(CannotRun, match=said):
        write_contract(tmp_path, document_with_schemes(**schemes), pins(caller))
