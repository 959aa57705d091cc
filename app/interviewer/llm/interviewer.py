"""An interviewer that is a language model, behind any OpenAI-compatible API: OpenAI, Ollama, vLLM and others.

The model is given words and gives words. It has no tools, sees one conversation and no name, and what it answers is
untrusted: it is validated, and when an interview may end is decided here.
"""

from collections.abc import AsyncIterable, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field
from pydantic_ai import Agent, NativeOutput, RunContext
from pydantic_ai.agent import EventStreamHandler
from pydantic_ai.messages import (
    AgentStreamEvent,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    UserPromptPart,
)
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles import ModelProfile
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.settings import ModelSettings

from app.domain.interview import Language, Role
from app.interviewer.ask import LONGEST_QUESTION
from app.interviewer.llm.client import RETRIES, busy_as_it_says, model_client
from app.interviewer.llm.prompt import prompt
from app.interviewer.llm.speech import Speech
from app.interviewer.protocol import Conversation, Reply, Tell, Turn
from app.interviewer.scripted import MOST_QUESTIONS
from app.settings import Settings

LEAST_QUESTIONS = 6
"""Questions that must have been asked before the model may end an interview."""

MOST_MESSAGES = 40
MOST_CHARACTERS = 24_000
"""What the model is shown of a conversation at the most: its latest part."""

_MOST_TOKENS = 4096


def _seen(text: str) -> str:
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise ValueError("the text should hold more than white space and characters without a shape")
    return text


_Text = Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION)]


class Question(BaseModel):
    """The next question of the interview."""

    question: Annotated[_Text, AfterValidator(_seen)]
    corrected_response: _Text | None = None


class QuestionOrEnd(Question):
    """The next question of the interview; or, with is_final, the words that end it."""

    is_final: bool = False


class LanguageModelInterviewer:
    """Asks a language model for each question. `model` is its name there."""

    provider = "openai-compatible"
    matches_processes = False

    def __init__(self, settings: Settings) -> None:
        """settings: with llm_base_url, llm_model and llm_api_key. Nothing is connected yet. Raises GuideUnusable."""
        self.model = settings.llm_model or ""
        self._prompts = {language: prompt(language) for language in Language}
        self._client = model_client(settings)
        model = OpenAIChatModel(
            self.model,
            provider=OpenAICompatibleProvider(
                self.provider,
                openai_client=self._client,
                # many chat templates take system messages at the beginning alone
                profile=ModelProfile(supports_inline_system_prompts=False),
            ),
            settings=ModelSettings(max_tokens=_MOST_TOKENS),
        )
        self._asking: Agent[None, Question] = _agent(model, Question)
        self._asking_or_ending: Agent[None, Question] = _agent(model, QuestionOrEnd)

    async def reply(self, conversation: Conversation) -> Reply:
        """The model's question. Of the last of MOST_QUESTIONS it is not asked: those are our own closing words.

        Raises InterviewerBusy where it says when to ask again, else what the client raises: the model is out of reach,
        refuses, or answers rubbish again and again.
        """
        return await self._asked(conversation)

    async def reply_in_parts(self, conversation: Conversation, tell: Tell) -> Reply:
        """The same, told while the model makes it. Once a part has been told, rubbish is not asked for again."""
        return await self._asked(conversation, _listener(Speech(tell)))

    async def _asked(self, conversation: Conversation, listener: EventStreamHandler[None] | None = None) -> Reply:
        told = self._prompts[conversation.language]
        asked = sum(turn.role is Role.ASSISTANT for turn in conversation.history)
        if asked >= MOST_QUESTIONS - 1:
            return Reply(told.closing, is_final=True)
        may_end = asked >= LEAST_QUESTIONS
        *before, last = Turn(Role.USER, told.opening), *_latest(conversation.history)
        with busy_as_it_says():
            run = await (self._asking_or_ending if may_end else self._asking).run(
                last.content,
                message_history=[_message(turn) for turn in before],
                instructions=f"{told.instructions}\n\n{told.may_end if may_end else told.may_not_end}",
                event_stream_handler=listener,
            )
        return _reply(run.output, last.content)

    async def match_processes(self, conversation: Conversation) -> Sequence[dict[str, Any]]:  # noqa: ARG002 - the protocol
        """The model is told of no processes."""
        return ()

    async def aclose(self) -> None:
        """Close the connections to the model."""
        await self._client.close()


def _agent(model: OpenAIChatModel, output: type[Question]) -> Agent[None, Question]:
    return Agent(model, output_type=NativeOutput(output, name="question", strict=True), retries=RETRIES)


def _listener(speech: Speech) -> EventStreamHandler[None]:
    """Hears the model's text, and nothing of what it thinks."""

    async def listen(_: RunContext[None], events: AsyncIterable[AgentStreamEvent]) -> None:
        async for event in events:
            if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
                speech.begin()
                speech.add(event.part.content)
            elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                speech.add(event.delta.content_delta)

    return listen


def _latest(history: Sequence[Turn]) -> list[Turn]:
    """The end of a conversation that the model is shown, beginning with a question, so that the roles alternate."""
    kept: list[Turn] = []
    room = MOST_CHARACTERS
    for turn in reversed(history[-MOST_MESSAGES:]):
        room -= len(turn.content)
        if room < 0:
            break
        kept.insert(0, turn)
    return kept[1:] if kept and kept[0].role is Role.USER else kept


def _message(turn: Turn) -> ModelMessage:
    if turn.role is Role.USER:
        return ModelRequest([UserPromptPart(turn.content)])
    return ModelResponse([TextPart(turn.content)])


def _reply(said: Question, answer: str) -> Reply:
    mended = said.corrected_response if said.corrected_response != answer else None
    return Reply(said.question, isinstance(said, QuestionOrEnd) and said.is_final, mended)
