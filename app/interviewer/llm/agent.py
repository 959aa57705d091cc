"""Agents of pydantic-ai whose reply is JSON of a fixed form, from servers that do not all send only that."""

from dataclasses import replace
from typing import Any, TypeVar

from openai import AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput, RunContext
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.messages import ModelResponse, TextPart, ThinkingPart, ToolCallPart
from pydantic_ai.models import ModelRequestContext
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles import ModelProfile
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.settings import ModelSettings

from app.interviewer.llm.client import RETRIES
from app.interviewer.llm.reply_text import find_json, is_json_object

_MAX_TOKENS = 4096

_NO_TAGS = ("\0think", "\0/think")
"""Tags that no reply has. pydantic-ai takes thoughts without an end for text, so `reply_text.py` finds the tags."""

Output = TypeVar("Output", bound=BaseModel)


def create_model(name: str, provider: str, client: AsyncOpenAI) -> OpenAIChatModel:
    """Return the model with this name, without connecting."""
    return OpenAIChatModel(
        name,
        provider=OpenAICompatibleProvider(
            provider,
            openai_client=client,
            # Many chat templates accept system messages only at the beginning.
            profile=ModelProfile(supports_inline_system_prompts=False, thinking_tags=_NO_TAGS),
        ),
        settings=ModelSettings(max_tokens=_MAX_TOKENS),
    )


def create_agent(model: OpenAIChatModel, output: type[Output], name: str) -> Agent[None, Output]:
    """Return an agent without tools. output: the form of the reply. name: that of the form, for the server."""
    return Agent(
        model,
        output_type=NativeOutput(output, name=name, strict=True),
        retries=RETRIES,
        capabilities=[_OnlyJSON()],
    )


class _OnlyJSON(AbstractCapability[Any]):
    """Reduces each response to the JSON of the reply, before it is validated."""

    async def after_model_request(
        self,
        ctx: RunContext[Any],  # noqa: ARG002 - the signature of the capability
        *,
        request_context: ModelRequestContext,  # noqa: ARG002 - the signature of the capability
        response: ModelResponse,
    ) -> ModelResponse:
        if response.finish_reason == "content_filter":
            return response
        reply = _find_reply(response)
        return replace(response, parts=[TextPart(reply)] if reply else [])


def _find_reply(response: ModelResponse) -> str | None:
    """Return the JSON in the text of the response or else in its only tool call. If it has neither: in its thoughts."""
    is_cut_short = response.finish_reason == "length"
    text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
    calls = [part for part in response.parts if isinstance(part, ToolCallPart)]
    thoughts = "".join(part.content for part in response.parts if isinstance(part, ThinkingPart))
    found = find_json(text, is_cut_short=is_cut_short)
    if found:
        return found
    if len(calls) == 1:
        return calls[0].args_as_json_str()
    if not text.strip() and not calls and is_json_object(thoughts):
        return thoughts.strip()
    return None
