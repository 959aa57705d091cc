"""The scripted interviewer: follows a guide, reacts to the answers, and needs nothing from outside.

It keeps nothing. Where an interview stands follows from the answers alone, read anew each time; so it is the same in
every worker, after every restart, and in whichever language the next question is asked.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.interview import Language, Role
from app.interviewer.guide import Guide, guide
from app.interviewer.protocol import Conversation, Reply

MOST_QUESTIONS = 20
"""Questions of an interview at the most, the closing thank-you among them."""

_LONGEST_EXCERPT = 60
_LONGEST_NAME = 80
_WORD = re.compile(r"\w+")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_NO_NAME = re.compile(r".*@.*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Progress:
    """How far an interview has come: the open topic, and whether more was asked on it; or why it is over."""

    topic: int = 0
    asked_more: bool = False
    followed_up: int = 0
    stopped: bool = False


class _StopWords:
    """A language's phrases that ask to stop, in words: every answer of an interview is held to them in every turn."""

    def __init__(self, told: Guide) -> None:
        self._phrases = frozenset(map(_words, told.stop.phrases))
        self._padding = told.stop.padding
        self._known = self._padding.union(*self._phrases)

    def said_by(self, words: tuple[str, ...]) -> bool:
        if not self._known.issuperset(words):
            return False
        return words in self._phrases or tuple(word for word in words if word not in self._padding) in self._phrases


class ScriptedInterviewer:
    """Asks about each topic of the guide, once more where an answer is too short, and stops when asked to."""

    provider = "scripted"
    model = "guide-1"
    matches_processes = False

    def __init__(self) -> None:
        """Load every guide. Raises GuideUnusable."""
        self._guides = {language: guide(language) for language in Language}
        self._stops = [_StopWords(told) for told in self._guides.values()]

    async def reply(self, conversation: Conversation) -> Reply:
        """The first question, the next one, or the closing thank-you."""
        told = self._guides[conversation.language]
        answers = [turn.content for turn in conversation.history if turn.role is Role.USER]
        if not answers:
            return Reply(_opening(told, conversation.user_name))
        progress = self._progress(answers, told)
        if progress.stopped:
            return Reply(told.closing.stopped, is_final=True)
        if progress.topic == len(told.topics):
            return Reply(told.closing.complete, is_final=True)
        topic = told.topics[progress.topic]
        said = _excerpt(answers[-1], told)
        if progress.asked_more:
            return Reply(topic.more.format(said=said) if said else topic.question)
        echo = told.echoes[progress.topic % len(told.echoes)].format(said=said)
        return Reply(f"{echo} {topic.question}" if said else topic.question)

    async def match_processes(self, conversation: Conversation) -> Sequence[dict[str, Any]]:  # noqa: ARG002 - the protocol
        """A script knows of no processes."""
        return ()

    def _progress(self, answers: Iterable[str], told: Guide) -> _Progress:
        progress = _Progress()
        for answer in answers:
            progress = self._after(progress, answer, told)
        return progress

    def _after(self, before: _Progress, answer: str, told: Guide) -> _Progress:
        """Where an interview stands after one more answer; an interview that is over stays over."""
        if before.stopped or before.topic == len(told.topics):
            return before
        if self._asks_to_stop(answer):
            return _Progress(stopped=True)
        may_follow_up = before.followed_up < MOST_QUESTIONS - len(told.topics) - 1
        if len(_words(answer)) < told.enough_words and may_follow_up and not before.asked_more:
            return _Progress(before.topic, asked_more=True, followed_up=before.followed_up + 1)
        return _Progress(before.topic + 1, followed_up=before.followed_up)

    def _asks_to_stop(self, answer: str) -> bool:
        """Whether the answer as a whole asks to stop, in any of the languages: people fall back into their own."""
        words = _words(answer[:200])
        return any(stop.said_by(words) for stop in self._stops)


def _opening(told: Guide, name: str) -> str:
    shown = _clean(name)
    known = shown and len(shown) <= _LONGEST_NAME and not _NO_NAME.fullmatch(shown)
    greeting = told.greeting_by_name.format(name=shown) if known else told.greeting
    return f"{greeting}{told.introduction} {told.topics[0].question}"


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(unicodedata.normalize("NFC", text).casefold()))


def _excerpt(answer: str, told: Guide) -> str:
    """The beginning of what was said, in the language's quotation marks; empty where nothing of it can be shown."""
    text = _clean(answer)
    if len(text) > _LONGEST_EXCERPT:
        cut = text[:_LONGEST_EXCERPT]
        text = (cut.rpartition(" ")[0] or cut) + "…"
    opening, closing = told.quotes
    text = text.strip(" .,;:!?" + opening + closing)
    return f"{opening}{text}{closing}" if text else ""


def _clean(text: str) -> str:
    """One line without control characters."""
    return " ".join(_INVISIBLE.sub(" ", text).split())
