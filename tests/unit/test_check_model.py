"""The check of a language model by `doctor`, with one request over HTTP."""

import asyncio
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from app.settings import Settings
from tests.support.model_server import KEY, MODEL, ModelServer
from tests.support.timeouts import TIMEOUT

pytest.importorskip("pydantic_ai", reason="needs the extra llm: pip install -e '.[llm]'")

from app.interviewer.llm.client import check_model


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    """A language model whose server lists it."""
    with ModelServer() as model_server:
        yield model_server


def _settings(url: str, **changes: object) -> Settings:
    return Settings(interviewer="llm", llm_base_url=url, llm_model=MODEL, llm_api_key=SecretStr(KEY), **changes)


@pytest.mark.parametrize("listed", [MODEL, f"{MODEL}:latest"])
async def test_ok_if_the_model_is_listed_after_one_request_with_the_key(model_server: ModelServer, listed: str) -> None:
    model_server.models = {"object": "list", "data": [{"id": "another"}, {"id": listed, "object": "model"}]}

    assert await check_model(_settings(model_server.url)) == (True, "responds, and lists the model")
    assert [headers["authorization"] for headers in model_server.headers] == [f"Bearer {KEY}"]
    assert model_server.requests == []


async def test_failed_if_the_model_is_not_listed(model_server: ModelServer) -> None:
    model_server.models = {"data": [{"id": "another"}, {"id": f"{MODEL}-2"}]}

    assert await check_model(_settings(model_server.url)) == (
        False,
        "responds, but this model is not among the 2 that it lists; correct LLM_MODEL",
    )


@pytest.mark.parametrize("listed", ['{"data": []}', '{"data": 1}', '{"data": [7, {"id": 7}]}', "[]", "<html>", ""])
async def test_ok_if_the_list_contains_no_models(model_server: ModelServer, listed: str) -> None:
    model_server.behaviour, model_server.text = "says", listed

    assert await check_model(_settings(model_server.url)) == (True, "responds, but lists no models")


@pytest.mark.parametrize(
    ("status", "ok", "message"),
    [
        ("401", False, "rejects LLM_API_KEY (401)"),
        ("403", False, "rejects LLM_API_KEY (403)"),
        ("404", True, "responds, but lists no models"),
        ("405", True, "responds, but lists no models"),
        ("307", False, "responds with 307 to a request for its models"),
        ("429", False, "responds with 429 to a request for its models"),
        ("500", False, "responds with 500 to a request for its models"),
    ],
)
async def test_an_error_status_is_reported_without_a_retry(
    model_server: ModelServer, status: str, ok: bool, message: str
) -> None:
    model_server.behaviour = status

    assert await check_model(_settings(model_server.url)) == (ok, message)
    assert len(model_server.headers) == 1


async def test_failed_if_the_server_does_not_respond_in_time(model_server: ModelServer) -> None:
    model_server.behaviour = "hangs"

    async with asyncio.timeout(TIMEOUT):  # the server never responds
        assert await check_model(_settings(model_server.url, interviewer_timeout=0.5)) == (
            False,
            "cannot be reached, or does not respond",
        )


async def test_failed_if_the_server_is_unreachable() -> None:
    assert await check_model(_settings("http://127.0.0.1:1/v1")) == (False, "cannot be reached, or does not respond")
