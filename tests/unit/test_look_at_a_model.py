"""What `doctor` is told of a language model's server, which it asks once, over real HTTP."""

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
def server() -> Iterator[ModelServer]:
    """A model's server that lists its model."""
    with ModelServer() as server:
        yield server


def _settings(url: str, **changes: object) -> Settings:
    return Settings(interviewer="llm", llm_base_url=url, llm_model=MODEL, llm_api_key=SecretStr(KEY), **changes)


@pytest.mark.parametrize("listed", [MODEL, f"{MODEL}:latest"])
async def test_it_is_well_where_the_model_is_listed_and_it_is_asked_once_with_the_key(
    server: ModelServer, listed: str
) -> None:
    server.models = {"object": "list", "data": [{"id": "another"}, {"id": listed, "object": "model"}]}

    assert await check_model(_settings(server.url)) == (True, "responds, and lists the model")
    assert [headers["authorization"] for headers in server.headers] == [f"Bearer {KEY}"]
    assert server.requests == []


async def test_a_list_without_the_model_is_bad(server: ModelServer) -> None:
    server.models = {"data": [{"id": "another"}, {"id": f"{MODEL}-2"}]}

    assert await check_model(_settings(server.url)) == (
        False,
        "responds, but this model is not among the 2 that it lists; correct LLM_MODEL",
    )


@pytest.mark.parametrize("listed", ['{"data": []}', '{"data": 1}', '{"data": [7, {"id": 7}]}', "[]", "<html>", ""])
async def test_a_list_of_no_names_says_nothing_of_the_model(server: ModelServer, listed: str) -> None:
    server.behaviour, server.text = "says", listed

    assert await check_model(_settings(server.url)) == (True, "responds, but lists no models")


@pytest.mark.parametrize(
    ("status", "well", "told"),
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
async def test_a_refusal_is_told_by_its_status_and_not_tried_again(
    server: ModelServer, status: str, well: bool, told: str
) -> None:
    server.behaviour = status

    assert await check_model(_settings(server.url)) == (well, told)
    assert len(server.headers) == 1


async def test_a_server_that_hangs_is_given_up_after_the_interviewers_time(server: ModelServer) -> None:
    server.behaviour = "hangs"

    async with asyncio.timeout(TIMEOUT):  # the server never responds
        assert await check_model(_settings(server.url, interviewer_timeout=0.5)) == (
            False,
            "cannot be reached, or does not respond",
        )


async def test_a_server_that_is_not_there_is_out_of_reach() -> None:
    assert await check_model(_settings("http://127.0.0.1:1/v1")) == (False, "cannot be reached, or does not respond")
