"""An interviewer that uses a language model with an OpenAI-compatible API: OpenAI, Ollama, vLLM and others.

The model has no tools, and receives one conversation without the interviewee's name. Its replies are untrusted: they
are validated, and this module decides when the model may end an interview. A wish to stop does not reach the model.
"""

from collections.abc import AsyncIterable, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from pydantic_ai import Agent, RunContext
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
from pydantic_core import to_json

from app.domain.interview import Language, Role
from app.interviewer.ask import MAX_QUESTION_LENGTH
from app.interviewer.library import GuideLibrary, shipped_library
from app.interviewer.limits import QuestionLimits
from app.interviewer.llm.agent import create_agent, create_model
from app.interviewer.llm.client import convert_errors, create_client
from app.interviewer.llm.prompt import load_prompt
from app.interviewer.llm.question_stream import QuestionStream
from app.interviewer.llm.reply_text import without_thoughts
from app.interviewer.protocol import Conversation, Form, PartCallback, Reply, Turn
from app.interviewer.stop_dialogue import StopDialogue
from app.settings import Settings

MAX_MESSAGES = 40
MAX_CHARACTERS = 24_000
"""The model receives only the end of a longer conversation."""


def _require_visible(text: str) -> str:
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise ValueError("the text should contain visible characters")
    return text


def _remove_thoughts(text: object) -> object:
    return without_thoughts(text) if isinstance(text, str) else text


def _remove_thoughts_of_correction(text: object) -> object:
    """Like `_remove_thoughts`, but a correction that consists of thoughts is none."""
    return without_thoughts(text) or None if isinstance(text, str) else text


_Text = Annotated[str, Field(min_length=1, max_length=MAX_QUESTION_LENGTH)]


class Question(BaseModel):
    """The next question of the interview."""

    question: Annotated[_Text, BeforeValidator(_remove_thoughts), AfterValidator(_require_visible)]
    corrected_response: Annotated[_Text | None, BeforeValidator(_remove_thoughts_of_correction)] = None


class QuestionOrEnd(Question):
    """The next question of the interview, or the closing message if is_final is true."""

    is_final: bool = False


class LanguageModelInterviewer:
    """Asks a language model for each question. `model` is the name of the model on its server."""

    provider = "openai-compatible"
    matches_processes = False

    def __init__(self, settings: Settings, library: GuideLibrary | None = None) -> None:
        """Create the client, without connecting. Raises InvalidGuide.

        settings: with llm_base_url, llm_model and llm_api_key. library: the guides; those that come with the service by
        default. A guide states the task of the model.
        """
        self._library = library or shipped_library()
        self._limits = QuestionLimits(settings.min_questions, settings.max_questions)
        self.model = settings.llm_model or ""
        self._prompts = {language: load_prompt(language) for language in Language}
        self._stop_dialogue = StopDialogue(self._library)
        self._client = create_client(settings)
        self._model = create_model(self.model, self.provider, self._client)
        self._agent: Agent[None, Question] = create_agent(self._model, Question, "question")
        self._ending_agent: Agent[None, Question] = create_agent(self._model, QuestionOrEnd, "question")

    async def reply(self, conversation: Conversation) -> Reply:
        """Return the model's question. At the maximum of questions, return the closing message of the prompt.

        A wish to stop is answered without the model.

        Raises InterviewerBusy if the server says when to retry, and InterviewerError if it cannot be reached, refuses
        the request, or its replies stay invalid.
        """
        return await self._generate(conversation)

    async def reply_in_parts(self, conversation: Conversation, on_part: PartCallback) -> Reply:
        """Like `reply`, with parts of the question. After the first part, an invalid reply is not retried."""
        return await self._generate(conversation, _event_handler(QuestionStream(on_part)))

    async def _generate(self, conversation: Conversation, handler: EventStreamHandler[None] | None = None) -> Reply:
        prompt = self._prompts[conversation.language]
        questions = sum(turn.role is Role.ASSISTANT for turn in conversation.history)
        if questions >= self._limits.maximum - 1:
            return Reply(prompt.closing, is_final=True)
        reply = self._stop_dialogue.reply(conversation)
        if reply:
            return reply
        may_end = questions >= self._limits.minimum
        instructions = prompt.instructions.replace("{task}", self._task(conversation))
        *before, last = Turn(Role.USER, prompt.opening), *_latest(conversation.history)
        with convert_errors():
            run = await (self._ending_agent if may_end else self._agent).run(
                last.content,
                message_history=[_message(turn) for turn in before],
                instructions=f"{instructions}\n\n{prompt.may_end if may_end else prompt.may_not_end}",
                event_stream_handler=handler,
            )
        return _reply(run.output, last.content)

    async def extract(self, conversation: Conversation, form: type[Form]) -> Form:
        """Return what the interview says, in the form. Raises InterviewerError, as `reply` does."""
        members = ", ".join(f"{name} ({field.description})" for name, field in form.model_fields.items())
        instructions = self._prompts[conversation.language].extract.replace("{task}", self._task(conversation))
        messages = [
            {"number": number, "role": turn.role, "text": turn.content}
            for number, turn in enumerate(conversation.history, start=1)
        ]
        agent = create_agent(self._model, form, "findings")
        with convert_errors():
            run = await agent.run(to_json(messages).decode(), instructions=instructions.replace("{members}", members))
        return run.output

    def _task(self, conversation: Conversation) -> str:
        guide = self._library.find(conversation.guide).texts(conversation.language)
        return guide.task.replace("{topics}", ", ".join(topic.label for topic in guide.topics))

    async def match_processes(self, conversation: Conversation) -> Sequence[dict[str, Any]]:  # noqa: ARG002 - the protocol
        """Return nothing: the model knows no processes."""
        return ()

    async def aclose(self) -> None:
        """Close the connections to the model."""
        await self._client.close()


def _event_handler(stream: QuestionStream) -> EventStreamHandler[None]:
    """Return a handler that passes the model's text, but not its reasoning, to `stream`."""

    async def handle(_: RunContext[None], events: AsyncIterable[AgentStreamEvent]) -> None:
        async for event in events:
            if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
                stream.begin()
                stream.add(event.part.content)
            elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                stream.add(event.delta.content_delta)

    return handle


def _latest(history: Sequence[Turn]) -> list[Turn]:
    """Return the end of the conversation within the limits. It starts with a question, so that the roles alternate."""
    kept: list[Turn] = []
    room = MAX_CHARACTERS
    for turn in reversed(history[-MAX_MESSAGES:]):
        room -= len(turn.content)
        if room < 0:
            break
        kept.insert(0, turn)
    return kept[1:] if kept and kept[0].role is Role.USER else kept


def _message(turn: Turn) -> ModelMessage:
    if turn.role is Role.USER:
        return ModelRequest([UserPromptPart(turn.content)])
    return ModelResponse([TextPart(turn.content)])


def _reply(output: Question, answer: str) -> Reply:
    corrected = output.corrected_response if output.corrected_response != answer else None
    return Reply(output.question, isinstance(output, QuestionOrEnd) and output.is_final, corrected)
