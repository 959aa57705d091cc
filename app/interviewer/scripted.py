"""The scripted interviewer: follows a guide, reacts to the answers, and depends on no other service."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.interview import Role
from app.interviewer.content import content_of
from app.interviewer.guide_model import Guide, Topic
from app.interviewer.library import GuideLibrary, LoadedGuide, shipped_library
from app.interviewer.limits import DEFAULT_LIMITS, QuestionLimits
from app.interviewer.progress import Asking, Progress, Reaction
from app.interviewer.progress_tracker import ProgressTracker
from app.interviewer.protocol import Conversation, KnownNames, PartCallback, Reply

_ECHO_EVERY = 3
"""Only every third question may begin with an echo."""
_MAX_ITEM_LENGTH = 60
_MAX_ITEMS = 5
_MAX_NAME_LENGTH = 80
_PEOPLE = "people"
"""The section of the topic whose question names known roles. Those of other topics name systems."""
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
        names = _find_names(loaded, answers, conversation)
        if progress.is_final:
            return Reply(_closing(guide, progress, names), is_final=True, is_stopped=progress.stopped)
        if progress.language:
            guide = loaded.texts(progress.language)
        reaction = _react(guide, progress, names)
        return Reply(f"{reaction} {_question(guide, progress, names)}".strip())

    async def reply_in_parts(self, conversation: Conversation, on_part: PartCallback) -> Reply:
        """Like `reply`, one word per part."""
        reply = await self.reply(conversation)
        for word in re.findall(r"\S+\s*|\s+", reply.question):
            on_part(word)
        return reply

    async def match_processes(self, conversation: Conversation) -> Sequence[dict[str, Any]]:  # noqa: ARG002 - the protocol
        """Return nothing: a guide contains no processes."""
        return ()


@dataclass(frozen=True, slots=True)
class _Names:
    """Names in the answers: of systems, of systems known in the organization, and of known roles.

    echo: the system, number or acronym in the last answer that is worth an echo, or "".
    """

    systems: list[str]
    known_systems: list[str]
    roles: list[str]
    echo: str


def _find_names(guide: LoadedGuide, answers: Sequence[str], conversation: Conversation) -> _Names:
    """Return the names in the answers, each once. Roles in the first answer are those of the interviewee."""
    known = [
        names if content_of(answer, guide.classifier, conversation.language) else KnownNames()
        for answer, names in zip(answers, conversation.known, strict=False)
    ]
    known_systems = [name for names in known for name in names.systems]
    systems = [*(name for answer in answers for name in guide.mentions.find_systems(answer)), *known_systems]
    own = known[0].roles if known else ()
    roles = [name for names in known[1:] for name in names.roles if name not in own]
    unique = {name.casefold().rstrip("s"): name[:_MAX_ITEM_LENGTH] for name in systems}
    last = known[-1].systems if known else ()
    return _Names(
        list(unique.values()), known_systems, list(dict.fromkeys(roles)), _find_echo(guide, answers[-1], last)
    )


def _react(guide: Guide, progress: Progress, names: _Names) -> str:
    """Return the text before the question, or "". The question on systems is an echo, so none is near it."""
    reactions = guide.reactions
    match progress.reaction:
        case Reaction.ECHO:
            may_echo = progress.questions % _ECHO_EVERY == 0 and not (
                names.systems and _is_near_systems(guide, progress)
            )
            echoes = guide.echoes
            if not may_echo or not names.echo:
                return ""
            return echoes[progress.questions // _ECHO_EVERY % len(echoes)].format(said=names.echo)
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


def _find_echo(guide: LoadedGuide, answer: str, known_systems: Sequence[str]) -> str:
    """Return the system, number or acronym in the answer that is worth an echo, or ""."""
    systems = guide.mentions.find_systems(answer) or known_systems
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
    naming = [topic.name for topic in guide.topics if topic.others and topic.section != _PEOPLE]
    return any(abs(topics.index(progress.topic) - topics.index(name)) < _ECHO_EVERY for name in naming)


def _question(guide: Guide, progress: Progress, names: _Names) -> str:
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
            said = names.roles if topic.section == _PEOPLE else names.systems
            if asking is Asking.TOPIC and topic.others and said:
                return topic.others.format(said=_join([*map(_shorten, said[:_MAX_ITEMS])], guide))
            return {
                Asking.MORE: topic.more,
                Asking.EXPLANATION: topic.explanation,
                Asking.EXAMPLE: topic.example,
            }.get(asking, topic.question)


def _closing(guide: Guide, progress: Progress, names: _Names) -> str:
    """Return the last message: thanks, what was covered, and what stayed open."""
    mentioned = progress.mentioned
    if names.known_systems:
        mentioned |= guide.find_topics("systems")
    if names.roles:
        mentioned |= guide.find_topics("people", "users")
    covered = [topic.label for topic in guide.topics if topic.name in mentioned]
    left_open = [topic.label for topic in guide.topics if topic.name not in mentioned]
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
