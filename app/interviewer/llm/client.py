"""The client of a language model's server, and a check of the server that does not run the model."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from openai import APIConnectionError, APIStatusError, AsyncOpenAI, DefaultAsyncHttpxClient
from pydantic import SecretStr
from pydantic_ai.exceptions import ModelAPIError, ModelHTTPError, UnexpectedModelBehavior

from app.interviewer.llm.response_limit import ACCEPT_ENCODING, limit_response
from app.interviewer.protocol import InterviewerBusy, InterviewerError
from app.settings import Settings

RETRIES = 1
"""Number of retries of a failed request, and of an invalid reply. All attempts share one deadline."""

_VERBOSE_LOGGERS = ("openai", "httpx2", "httpcore2", "pydantic_ai")
"""Loggers that record the URL of every request and all headers of its response, including cookies."""

_CHECK_TIMEOUT = 5.0
"""Seconds."""

MISCONFIGURED_RETRY_AFTER = 60.0
"""Seconds. The minimum of Retry-After if a setting is wrong, because only the operator can correct it."""

_SETTINGS = {
    400: "LLM_MODEL",
    401: "LLM_API_KEY",
    402: "LLM_API_KEY",
    403: "LLM_API_KEY",
    404: "LLM_MODEL or LLM_BASE_URL",
    405: "LLM_BASE_URL",
    410: "LLM_MODEL",
    422: "LLM_MODEL",
}
"""The setting to change if the server responds with this status. Servers report an unknown model as 400, 404 or 422."""


def create_client(settings: Settings) -> AsyncOpenAI:
    """Create a client, without connecting. settings: with llm_base_url and llm_api_key."""
    for name in _VERBOSE_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    return AsyncOpenAI(
        base_url=settings.llm_base_url,
        api_key=(settings.llm_api_key or SecretStr("")).get_secret_value(),
        max_retries=RETRIES,
        # A redirect would send the conversation to a server that the settings do not name.
        http_client=DefaultAsyncHttpxClient(
            follow_redirects=False,
            headers=ACCEPT_ENCODING,
            event_hooks={"response": [limit_response, limit_retry_after(settings.interviewer_timeout)]},
        ),
    )


async def check_model(settings: Settings) -> tuple[bool, str]:
    """Return whether the server seems able to run the model, and the reason. Requests only the list of models.

    The reason contains no text of the server, because some servers quote the API key.
    """
    async with create_client(settings) as client:
        try:
            async with asyncio.timeout(min(_CHECK_TIMEOUT, settings.interviewer_timeout)):
                models = await client.with_options(max_retries=0).get("/models", cast_to=object)
        except APIStatusError as error:
            return _judge_status(error.status_code)
        except (APIConnectionError, TimeoutError):
            return False, "cannot be reached, or does not respond"
        except ValueError:  # The body is not JSON, although its Content-Type says so.
            models = None
    names = _model_names(models)
    if not names:
        return True, "responds, but lists no models"
    # Ollama lists llama3.2 as llama3.2:latest, and accepts both names.
    if not names.isdisjoint((settings.llm_model, f"{settings.llm_model}:latest")):
        return True, "responds, and lists the model"
    return False, f"responds, but this model is not among the {len(names)} that it lists; correct LLM_MODEL"


def _judge_status(status: int) -> tuple[bool, str]:
    if status in (401, 403):
        return False, f"rejects LLM_API_KEY ({status})"
    if status in (404, 405):
        return True, "responds, but lists no models"
    return False, f"responds with {status} to a request for its models"


def _model_names(body: Any) -> set[str]:
    """Return the names in a list of models, or none if the body is not such a list."""
    models = body.get("data") if isinstance(body, dict) else None
    names = (model.get("id") for model in models if isinstance(model, dict)) if isinstance(models, list) else ()
    return {name for name in names if isinstance(name, str)}


def limit_retry_after(deadline: float) -> Callable[[Any], Awaitable[None]]:
    """Return a response hook that prevents a retry if Retry-After is not below `deadline` seconds.

    The client itself would wait up to two minutes, far beyond the deadline of the request.
    """

    async def prevent_late_retry(response: Any) -> None:
        with suppress(ValueError):  # Retry-After may also be a date, which depends on the server's clock.
            if float(response.headers.get("Retry-After", "0")) < deadline:
                return
        response.headers["x-should-retry"] = "false"  # The OpenAI client respects this header.

    return prevent_late_retry


@contextmanager
def convert_errors() -> Iterator[None]:
    """Raise InterviewerError, or InterviewerBusy if only the error response says when to retry.

    The new error names the status and the setting to change, but contains no text of the server.
    """
    try:
        yield
    except ModelAPIError as error:
        status = _find_status(error)
        setting = "LLM_BASE_URL" if status is None else _find_setting(status)
        retry_after = error.retry_after or 0
        if status is not None and setting is not None:
            retry_after = max(retry_after, MISCONFIGURED_RETRY_AFTER)
        elif retry_after:
            raise InterviewerBusy(retry_after, status=status) from error
        raise InterviewerError(type(error).__name__, status=status, setting=setting, retry_after=retry_after) from error
    except UnexpectedModelBehavior as error:  # the replies stayed invalid
        raise InterviewerError(type(error).__name__, setting="LLM_MODEL") from error


def _find_status(error: ModelAPIError) -> int | None:
    if isinstance(error, ModelHTTPError):
        return error.status_code
    cause = error.__cause__  # A redirect is no ModelHTTPError.
    return cause.status_code if isinstance(cause, APIStatusError) else None


def _find_setting(status: int) -> str | None:
    """Return the setting that an error status is about, or None if it says nothing about the settings."""
    return "LLM_BASE_URL" if 300 <= status < 400 else _SETTINGS.get(status)
