"""The scripted interviewer: follows a guide, reacts to the answers, and depends on no other service.

It keeps no state. The progress of an interview is computed from its answers each time, so it is the same in every
worker, after every restart and in every language.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.interview import Language, Role
from app.interviewer.guide import Guide, load_guide
from app.interviewer.protocol import Conversation, PartCallback, Reply

MAX_QUESTIONS = 20
"""Maximum number of questions in an interview, including the closing message."""

_MAX_EXCERPT_LENGTH = 60
_MAX_NAME_LENGTH = 80
_WORD = re.compile(r"\w+")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_A_NAME = re.compile(r".*@.*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Progress:
    """The progress of an interview.

    topic: index of the open topic, or the number of topics if the interview is complete.
    asked_more: whether the open question is the follow-up of its topic.
    followed_up: number of follow-ups so far.
    """

    topic: int = 0
    asked_more: bool = False
    followed_up: int = 0
    stopped: bool = False


class _StopWords:
    """The phrases of one language that ask to stop, split into words in advance: each turn compares all answers."""

    def __init__(self, guide: Guide) -> None:
        self._phrases = frozenset(map(_split_words, guide.stop.phrases))
        self._padding = guide.stop.padding
        self._vocabulary = self._padding.union(*self._phrases)

    def match(self, words: tuple[str, ...]) -> bool:
        if not self._vocabulary.issuperset(words):
            return False
        return words in self._phrases or tuple(word for word in words if word not in self._padding) in self._phrases


class ScriptedInterviewer:
    """Asks about each topic of the guide, follows up once if an answer is too short, and stops on request."""

    provider = "scripted"
    model = "guide-1"
    matches_processes = False

    def __init__(self) -> None:
        """Load all guides. Raises InvalidGuide."""
        self._guides = {language: load_guide(language) for language in Language}
        self._stops = [_StopWords(guide) for guide in self._guides.values()]

    async def reply(self, conversation: Conversation) -> Reply:
        """Return the first question, the next one, or the closing message."""
        guide = self._guides[conversation.language]
        answers = [turn.content for turn in conversation.history if turn.role is Role.USER]
        if not answers:
            return Reply(_opening(guide, conversation.user_name))
        progress = self._compute_progress(answers, guide)
        if progress.stopped:
            return Reply(guide.closing.stopped, is_final=True)
        if progress.topic == len(guide.topics):
            return Reply(guide.closing.complete, is_final=True)
        topic = guide.topics[progress.topic]
        said = _quote_excerpt(answers[-1], guide)
        if progress.asked_more:
            return Reply(topic.more.format(said=said) if said else topic.question)
        echo = guide.echoes[progress.topic % len(guide.echoes)].format(said=said)
        return Reply(f"{echo} {topic.question}" if said else topic.question)

    async def reply_in_parts(self, conversation: Conversation, on_part: PartCallback) -> Reply:
        """Like `reply`, one word per part."""
        reply = await self.reply(conversation)
        for word in re.findall(r"\S+\s*|\s+", reply.question):
            on_part(word)
        return reply

    async def match_processes(self, conversation: Conversation) -> Sequence[dict[str, Any]]:  # noqa: ARG002 - the protocol
        """Return nothing: a guide contains no processes."""
        return ()

    def _compute_progress(self, answers: Iterable[str], guide: Guide) -> _Progress:
        progress = _Progress()
        for answer in answers:
            progress = self._advance(progress, answer, guide)
        return progress

    def _advance(self, before: _Progress, answer: str, guide: Guide) -> _Progress:
        """Return the progress after one more answer. A finished interview stays finished."""
        if before.stopped or before.topic == len(guide.topics):
            return before
        if self._asks_to_stop(answer):
            return _Progress(stopped=True)
        may_follow_up = before.followed_up < MAX_QUESTIONS - len(guide.topics) - 1
        if len(_split_words(answer)) < guide.enough_words and may_follow_up and not before.asked_more:
            return _Progress(before.topic, asked_more=True, followed_up=before.followed_up + 1)
        return _Progress(before.topic + 1, followed_up=before.followed_up)

    def _asks_to_stop(self, answer: str) -> bool:
        """Return whether the whole answer asks to stop in any language. People often return to their first language."""
        words = _split_words(answer[:200])
        return any(stop.match(words) for stop in self._stops)


def _opening(guide: Guide, name: str) -> str:
    name = _clean(name)
    is_usable = name and len(name) <= _MAX_NAME_LENGTH and not _NOT_A_NAME.fullmatch(name)
    greeting = guide.greeting_by_name.format(name=name) if is_usable else guide.greeting
    return f"{greeting}{guide.introduction} {guide.topics[0].question}"


def _split_words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(unicodedata.normalize("NFC", text).casefold()))


def _quote_excerpt(answer: str, guide: Guide) -> str:
    """Return the start of the answer in the language's quotation marks, or "" if it has no printable text."""
    text = _clean(answer)
    if len(text) > _MAX_EXCERPT_LENGTH:
        cut = text[:_MAX_EXCERPT_LENGTH]
        text = (cut.rpartition(" ")[0] or cut) + "…"
    opening, closing = guide.quotes
    text = text.strip(" .,;:!?" + opening + closing)
    return f"{opening}{text}{closing}" if text else ""


def _clean(text: str) -> str:
    """Return the text on one line, without control characters."""
    return " ".join(_INVISIBLE.sub(" ", text).split())
