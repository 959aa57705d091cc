"""The scripted interviewer: follows a guide, reacts to the answers, and depends on no other service."""

import re
from collections.abc import Sequence
from typing import Any

from app.domain.interview import Role
from app.interviewer.guide_model import Guide, Topic
from app.interviewer.library import GuideLibrary, LoadedGuide, shipped_library
from app.interviewer.limits import DEFAULT_LIMITS, QuestionLimits
from app.interviewer.progress import Asking, Progress, ProgressTracker, Reaction
from app.interviewer.protocol import Conversation, PartCallback, Reply

_ECHO_EVERY = 3
"""Only every third question may begin with an echo."""
_MAX_ITEM_LENGTH = 60
_MAX_ITEMS = 5
_MAX_NAME_LENGTH = 80
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_A_NAME = re.compile(r".*@.*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"(?<!\w)\d{1,6}(?:[.,]\d+)?\s+[^\W\d_]{3,20}")
_ACRONYM = re.compile(r"(?<![\w-])[A-Z]{2,5}\d{0,3}(?![\w-])")


class ScriptedInterviewer:
    """Asks about each topic of a guide, helps and follows up if an answer is none, and stops on request."""

    provider = "scripted"
    model = "guide-2"
    matches_processes = False

    def __init__(self, library: GuideLibrary | None = None, limits: QuestionLimits = DEFAULT_LIMITS) -> None:
        """library: the guides; those that come with the service by default. Raises InvalidGuide."""
        self._library = library or shipped_library()
        self._trackers = {
            id(texts): ProgressTracker(guide, texts, limits)
            for guide in self._library
            for texts in guide.languages.values()
        }

    async def reply(self, conversation: Conversation) -> Reply:
        """Return the first question, the next one, or the closing message."""
        loaded = self._library.find(conversation.guide)
        guide = loaded.texts(conversation.language)
        answers = [turn.content for turn in conversation.history if turn.role is Role.USER]
        if not answers:
            return Reply(_opening(guide, conversation.user_name))
        progress = self._trackers[id(guide)].replay(answers)
        if progress.is_final:
            return Reply(_closing(guide, progress), is_final=True, is_stopped=progress.stopped)
        if progress.language:
            guide = loaded.texts(progress.language)
        systems = _find_systems(loaded, answers)
        reaction = _react(loaded, guide, progress, answers[-1], names_systems=bool(systems))
        return Reply(f"{reaction} {_question(guide, progress, systems)}".strip())

    async def reply_in_parts(self, conversation: Conversation, on_part: PartCallback) -> Reply:
        """Like `reply`, one word per part."""
        reply = await self.reply(conversation)
        for word in re.findall(r"\S+\s*|\s+", reply.question):
            on_part(word)
        return reply

    async def match_processes(self, conversation: Conversation) -> Sequence[dict[str, Any]]:  # noqa: ARG002 - the protocol
        """Return nothing: a guide contains no processes."""
        return ()


def _find_systems(guide: LoadedGuide, answers: Sequence[str]) -> list[str]:
    """Return the systems that the answers name, each once."""
    named = (name for answer in answers for name in guide.mentions.find_systems(answer))
    return list({name.casefold().rstrip("s"): name[:_MAX_ITEM_LENGTH] for name in named}.values())


def _react(loaded: LoadedGuide, guide: Guide, progress: Progress, answer: str, *, names_systems: bool) -> str:
    """Return the text before the question, or "". The question on systems is an echo, so none is near it."""
    reactions = guide.reactions
    match progress.reaction:
        case Reaction.ECHO:
            may_echo = progress.questions % _ECHO_EVERY == 0 and not (
                names_systems and _is_near_systems(guide, progress)
            )
            said = _find_name(loaded, answer) if may_echo else ""
            echoes = guide.echoes
            return echoes[progress.questions // _ECHO_EVERY % len(echoes)].format(said=said) if said else ""
        case Reaction.BEGIN_PROCESS:
            return reactions.begin_process.format(item=_shorten(progress.process))
        case reaction:
            lines = {
                Reaction.GO_ON: reactions.go_on,
                Reaction.OPEN_POINT: reactions.open_point,
                Reaction.LEFT_OUT: reactions.left_out,
                Reaction.ALREADY_SAID: reactions.already_said,
                Reaction.BACK_TO_WORK: reactions.back_to_work,
                Reaction.OTHER_LANGUAGE: reactions.in_this_language,
            }
            return lines.get(reaction, "")


def _find_name(guide: LoadedGuide, answer: str) -> str:
    """Return the system, number or acronym in the answer that is worth an echo, or ""."""
    systems = guide.mentions.find_systems(answer)
    if systems:
        return _shorten(systems[0])
    number = _NUMBER.search(answer)
    if number:
        return _clean(number.group())
    acronym = _ACRONYM.search(answer)
    return acronym.group() if acronym else ""


def _is_near_systems(guide: Guide, progress: Progress) -> bool:
    """Return whether a question that names systems is one of the two before or after this one."""
    topics = [topic.name for topic in guide.topics]
    naming = [topic.name for topic in guide.topics if topic.others]
    return any(abs(topics.index(progress.topic) - topics.index(name)) < _ECHO_EVERY for name in naming)


def _question(guide: Guide, progress: Progress, systems: list[str]) -> str:
    """Return the question, without what precedes it."""
    reactions = guide.reactions
    match progress.asking:
        case Asking.STOP:
            return reactions.confirm_stop
        case Asking.WHICH_PROCESS:
            return reactions.choose.format(items=_join([*map(_shorten, progress.waiting[:_MAX_ITEMS])], guide))
        case Asking.NEXT_PROCESS:
            return reactions.next_process.format(item=_shorten(progress.waiting[0]))
        case asking:
            topic = _topics(guide)[progress.topic]
            if asking is Asking.TOPIC and topic.others and systems:
                return topic.others.format(said=_join(systems[:_MAX_ITEMS], guide))
            return {
                Asking.MORE: topic.more,
                Asking.EXPLANATION: topic.explanation,
                Asking.EXAMPLE: topic.example,
            }.get(asking, topic.question)


def _closing(guide: Guide, progress: Progress) -> str:
    """Return the last message: thanks, what was covered, and what stayed open."""
    covered = [topic.label for topic in guide.topics if topic.name in progress.mentioned]
    left_open = [topic.label for topic in guide.topics if topic.name not in progress.mentioned]
    covered += map(_shorten, progress.done[:_MAX_ITEMS])
    left_open += map(_shorten, progress.waiting[:_MAX_ITEMS])
    parts = [guide.closing.stopped if progress.stopped else guide.closing.complete]
    if covered:
        parts.append(guide.closing.covered.format(topics=_join(covered, guide)))
        if left_open:
            parts.append(guide.closing.left_open.format(topics=_join(left_open, guide)))
    return " ".join(parts)


def _topics(guide: Guide) -> dict[str, Topic]:
    return {topic.name: topic for topic in guide.topics}


def _join(items: list[str], guide: Guide) -> str:
    *others, last = items
    return f"{', '.join(others)} {guide.conjunction} {last}" if others else last


def _shorten(text: str) -> str:
    text = _clean(text)
    return text if len(text) <= _MAX_ITEM_LENGTH else text[: _MAX_ITEM_LENGTH - 1].rstrip() + "…"


def _opening(guide: Guide, name: str) -> str:
    name = _clean(name)
    is_usable = name and len(name) <= _MAX_NAME_LENGTH and not _NOT_A_NAME.fullmatch(name)
    greeting = guide.greeting_by_name.format(name=name) if is_usable else guide.greeting
    return f"{greeting}{guide.introduction} {guide.topics[0].question}"


def _clean(text: str) -> str:
    """Return the text on one line, without control characters."""
    return " ".join(_INVISIBLE.sub(" ", text).split())
