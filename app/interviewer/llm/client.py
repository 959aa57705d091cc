"""The client of a language model's server, and what can be learnt of the server without asking its model."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from openai import APIConnectionError, APIStatusError, AsyncOpenAI, DefaultAsyncHttpxClient
from pydantic import SecretStr
from pydantic_ai.exceptions import ModelAPIError

from app.interviewer.protocol import InterviewerBusy
from app.settings import Settings

RETRIES = 1
"""How often a request that failed, and how often an answer that was no use, is tried again; within one deadline."""

_TALKATIVE = ("openai", "httpx2", "httpcore2", "pydantic_ai")
"""Loggers that tell of every request: where it went, and all headers of the answer, cookies too."""

_LOOK_TIMEOUT = 5.0
"""Seconds to look at a server at the most."""


def model_client(settings: Settings) -> AsyncOpenAI:
    """settings: with llm_base_url and llm_api_key. Nothing is connected yet."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    return AsyncOpenAI(
        base_url=settings.llm_base_url,
        api_key=(settings.llm_api_key or SecretStr("")).get_secret_value(),
        max_retries=RETRIES,
        # a redirection would send the conversation to a place that nobody has set
        http_client=DefaultAsyncHttpxClient(
            follow_redirects=False, event_hooks={"response": [no_waiting_beyond(settings.interviewer_timeout)]}
        ),
    )


async def look(settings: Settings) -> tuple[bool, str]:
    """Whether the model could be asked, as far as one request for the list of models shows; and what it showed.

    No word of the server's own is in it: some quote the key.
    """
    async with model_client(settings) as client:
        try:
            async with asyncio.timeout(min(_LOOK_TIMEOUT, settings.interviewer_timeout)):
                listed = await client.with_options(max_retries=0).get("/models", cast_to=object)
        except APIStatusError as error:
            return _refusal(error.status_code)
        except (APIConnectionError, TimeoutError):
            return False, "is out of reach, or does not answer"
        except ValueError:  # no JSON, though it says so
            listed = None
    names = _names(listed)
    if not names:
        return True, "answers, and lists no models"
    # Ollama lists llama3.2, and answers to it, as llama3.2:latest
    if not names.isdisjoint((settings.llm_model, f"{settings.llm_model}:latest")):
        return True, "answers, and lists the model"
    return False, f"answers, and lists {len(names)} models, but not this one; mend LLM_MODEL"


def _refusal(status: int) -> tuple[bool, str]:
    if status in (401, 403):
        return False, f"refuses LLM_API_KEY ({status})"
    if status in (404, 405):
        return True, "answers, and lists no models"
    return False, f"answers {status} where its models are asked for"


def _names(listed: Any) -> set[str]:
    """The names in a list of models; none where it is no such list."""
    models = listed.get("data") if isinstance(listed, dict) else None
    named = (model.get("id") for model in models if isinstance(model, dict)) if isinstance(models, list) else ()
    return {name for name in named if isinstance(name, str)}


def no_waiting_beyond(deadline: float) -> Callable[[Any], Awaitable[None]]:
    """Has a request not tried again where the answer's Retry-After is `deadline` seconds or more: it would be in vain.

    The client itself waits as long as it is told to, up to two minutes.
    """

    async def look(response: Any) -> None:
        with suppress(ValueError):  # a date, by another clock
            if float(response.headers.get("Retry-After", "0")) < deadline:
                return
        response.headers["x-should-retry"] = "false"  # which the client obeys

    return look


@contextmanager
def busy_as_it_says() -> Iterator[None]:
    """Raises InterviewerBusy in place of a refusal that says when to ask again."""
    try:
        yield
    except ModelAPIError as error:
        if error.retry_after is None:
            raise
        raise InterviewerBusy(error.retry_after) from error
