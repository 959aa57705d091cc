"""Assemble the outcome of an interview from its messages."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any, cast

from app.domain.interview import Language
from app.interviewer.guide_model import Guide, Section
from app.interviewer.library import LoadedGuide
from app.interviewer.phrases import Lists, PhraseSet, words_of
from app.interviewer.protocol import Conversation, KnownNames, Turn
from app.outcome.answers import PROCESS_CHOICE, Answer, ConversationReader
from app.outcome.document import Item, OtherItem, Outcome, Step
from app.outcome.merging import merge, merge_names
from app.outcome.open_points import find_open_points
from app.outcome.splitting import Splitter, without_headings
from app.outcome.stories import StoryWriter

_CACHED_OUTCOMES = 32
"""A page that shows an outcome usually downloads it, too."""

_RULED: frozenset[Section] = frozenset({"processes", "steps", "systems"})
"""The sections with rules of their own. The others have the sentences or list items of the answers to their topics."""

_PEOPLE: tuple[Section, ...] = ("people", "users")
"""The sections for known roles, of which a guide has at most one."""

_LISTS: frozenset[Section] = frozenset({"inputs", "people", "users"})
"""The sections whose answers are lists."""


class Assembler:
    """Assembles the outcomes of interviews that follow one guide."""

    def __init__(self, guide: LoadedGuide) -> None:
        """guide: the one that the interviews follow."""
        self._assemble = lru_cache(_CACHED_OUTCOMES)(self._compute)
        self._guide = guide
        self._mentions, self._coverage = guide.mentions, guide.coverage
        self._reader = ConversationReader(guide)
        self._splitters = {language: Splitter(texts) for language, texts in guide.languages.items()}
        self._early = {language: _early_phrases(texts) for language, texts in guide.languages.items()}
        topics = next(iter(guide.languages.values())).topics
        self._sections: dict[str, Section | None] = {topic.name: topic.section for topic in topics}
        filled = frozenset(self._sections.values())
        self._people = next((section for section in _PEOPLE if section in filled), None)
        self._has_processes = "processes" in self._sections.values()

    def assemble(self, conversation: Conversation) -> Outcome:
        """Return the outcome of the conversation, which has all messages of the interview.

        Its language is that of the interview: the guide in it splits the answers and names the open points.
        """
        return self._assemble(tuple(conversation.history), conversation.language, conversation.known)

    def _compute(self, messages: tuple[Turn, ...], language: Language, known: tuple[KnownNames, ...]) -> Outcome:
        language = self._guide.texts(language).language
        splitter = self._splitters[language]
        answers = list(self._reader.read(messages, language, known))
        found: dict[Section, list[Item]] = {}
        others: list[OtherItem] = []
        for answer in answers:
            for topic, sentences in self._topics_of(answer, language):
                section = self._sections.get(topic)
                if section:
                    texts = (part for each in sentences for part in _split(each, section, splitter))
                    found.setdefault(section, []).extend(Item(text, (answer.number,)) for text in texts)
                elif topic in self._sections:
                    others += [OtherItem(topic, text, (answer.number,)) for text in sentences]
        if self._topics_in("trigger"):
            found.setdefault("trigger", []).extend(self._triggers(answers))
        sections = {section: merge(items) for section, items in found.items() if section not in _RULED}
        if self._people and (involved := self._known_people(answers)):
            sections[self._people] = merge_names([*sections.get(self._people, ()), *involved])
        findings = Outcome(
            **cast("dict[str, Any]", sections),
            processes=merge(self._processes(answers, language)) if self._has_processes else (),
            steps=tuple(self._steps(answers, language)),
            systems=self._systems(answers, language),
            other_topics=tuple(others),
        )
        wishes, effects = self._wishes(answers)
        open_points = find_open_points(answers, self._guide.texts(language), self._covered(answers, language))
        return self._complete(findings, open_points, language, wishes, effects)

    def complete(self, findings: Outcome, messages: Sequence[Turn], language: Language) -> Outcome:
        """Return findings from another source with their open points and user stories.

        findings: an outcome without both. messages: all messages in order. language: that of the interview.
        """
        language = self._guide.texts(language).language
        answers = list(self._reader.read(messages, language))
        covered = self._covered(answers, language)
        covered |= {name for name, section in self._sections.items() if section and getattr(findings, section)}
        covered |= {item.topic for item in findings.other_topics}
        open_points = find_open_points(answers, self._guide.texts(language), covered)
        return self._complete(findings, open_points, language, findings.wishes, ())

    def _complete(
        self,
        findings: Outcome,
        open_points: Iterable[Item],
        language: Language,
        wishes: Sequence[Item],
        effects: Sequence[Item],
    ) -> Outcome:
        writer = StoryWriter(self._guide.texts(language), self._splitters[language])
        stories = tuple(writer.write(findings, wishes, effects))
        return replace(findings, open_points=tuple(open_points), user_stories=stories)

    def _wishes(self, answers: Iterable[Answer]) -> tuple[Sequence[Item], Sequence[Item]]:
        """Return the wishes, and the answers to `What would be different for you afterwards?`"""
        wishes = [answer for answer in answers if self._sections.get(answer.topic) == "wishes" and answer.sentences]
        first = [answer for answer in wishes if not answer.is_follow_up] or wishes
        effects = [Item(text, (each.number,)) for each in wishes if each.is_follow_up for text in each.sentences]
        return [Item(" ".join(answer.sentences), (answer.number,)) for answer in first], effects

    def _topics_of(self, answer: Answer, language: Language) -> Iterable[tuple[str, Sequence[str]]]:
        """Yield the topics that the answer is on, each with its sentences: the one asked about, and early remarks."""
        sentences = self._sentences_on_topic(answer)
        if sentences:
            yield answer.topic, sentences
        for topic, phrases in self._early[language].items():
            if topic != answer.topic and topic in self._mentions.find_covered(" ".join(answer.sentences)):
                sentences = [each for each in answer.sentences if phrases.occurs_in(words_of(each))]
                if sentences:
                    yield topic, sentences

    def _sentences_on_topic(self, answer: Answer) -> Sequence[str]:
        """Return the sentences on the topic of the question. Those that describe a process are not on the role."""
        if self._sections.get(answer.topic) == "role":
            description = self._coverage.find_description(answer.sentences, answer.topic)
            return description.rest if description else answer.sentences
        return answer.sentences

    def _processes(self, answers: Iterable[Answer], language: Language) -> Iterable[Item]:
        """Yield the processes that answers list or describe, and what else is said of them and on no other topic."""
        for answer in answers:
            description = self._coverage.find_description(answer.sentences, answer.topic)
            sentences = answer.sentences
            if description and description.process:
                yield Item(description.process[:1].upper() + description.process[1:], (answer.number,))
                sentences = description.rest
            is_list = self._sections.get(answer.topic) in {"processes", "role"}
            names = [name for each in sentences for name in self._splitters[language].names(each)]
            if names and is_list:
                yield from (Item(name, (answer.number,)) for name in names)
            elif answer.items:
                yield from (Item(text[:1].upper() + text[1:], (answer.number,)) for text in answer.items)
            elif self._sections.get(answer.topic) == "processes":
                on_others = {
                    each
                    for topic, those in self._topics_of(answer, language)
                    if topic != answer.topic
                    for each in those
                }
                yield from (Item(each, (answer.number,)) for each in sentences if each not in on_others)

    def _steps(self, answers: Iterable[Answer], language: Language) -> Iterable[Step]:
        splitter = self._splitters[language]
        numbers: dict[str | None, int] = {}
        for answer in answers:
            sentences: Sequence[str] = ()
            if self._sections.get(answer.topic) == "steps":
                sentences = without_headings(answer.sentences)
            elif description := self._coverage.find_description(answer.sentences, answer.topic):
                sentences = description.steps
            elif not answer.items and self._covers_steps(answer):
                marked = [index for index, each in enumerate(answer.sentences) if splitter.has_markers(each)]
                if marked:
                    sentences = answer.sentences[marked[0] : marked[-1] + 1]
            for text in (step for each in sentences for step in splitter.steps(each)):
                numbers[answer.process] = number = numbers.get(answer.process, 0) + 1
                yield Step(number, text, answer.process, (answer.number,))

    def _systems(self, answers: Iterable[Answer], language: Language) -> tuple[Item, ...]:
        """Return the systems: the items of answers on systems, and the systems that other answers name."""
        splitter = self._splitters[language]
        items: list[Item] = []
        for answer in answers:
            for sentence in answer.sentences:
                names = self._mentions.find_systems(sentence)
                if self._sections.get(answer.topic) == "systems":
                    items += [Item(text, (answer.number,)) for text in splitter.items(sentence)]
                else:
                    items += [Item(name, (answer.number,)) for name in names]
            if self._sections.get(answer.topic) != "systems":
                items += [Item(name, (answer.number,)) for name in answer.known.systems]
        return merge_names(items)

    def _triggers(self, answers: Iterable[Answer]) -> Iterable[Item]:
        """Yield what sets off the steps that answers to other questions describe."""
        for answer in answers:
            for text in self._coverage.find_triggers(answer.sentences, answer.topic):
                yield Item(text[:1].upper() + text[1:], (answer.number,))

    def _known_people(self, answers: Sequence[Answer]) -> Sequence[Item]:
        """Return the known roles that answers name, without those of the interviewee."""
        own = {name for each in answers if self._sections.get(each.topic) == "role" for name in each.known.roles}
        return [Item(name, (answer.number,)) for answer in answers for name in answer.known.roles if name not in own]

    def _covered(self, answers: Sequence[Answer], language: Language) -> set[str]:
        """Return the topics with items, the process among them if an answer lists or chooses one."""
        topics = {topic for answer in answers for topic, _ in self._topics_of(answer, language)}
        mentioned = {
            topic for answer in answers for topic in self._coverage.find_mentioned(answer.sentences, answer.topic)
        }
        named: set[str] = set()
        if any(answer.items or answer.topic == PROCESS_CHOICE for answer in answers):
            named = self._topics_in("processes")
        if any(answer.known.systems for answer in answers):
            named |= self._topics_in("systems")
        if self._people and self._known_people(answers):
            named |= self._topics_in(self._people)
        return topics | mentioned | named

    def _topics_in(self, section: Section) -> set[str]:
        return {name for name, filled in self._sections.items() if filled == section}

    def _covers_steps(self, answer: Answer) -> bool:
        covered = self._mentions.find_covered(" ".join(answer.sentences))
        return any(self._sections.get(name) == "steps" for name in covered)


@cache
def get_assembler(guide: LoadedGuide) -> Assembler:
    """Return the assembler of a guide, which is made once."""
    return Assembler(guide)


def _split(sentence: str, section: Section, splitter: Splitter) -> Sequence[str]:
    """Return the items of a sentence in a section."""
    if section in _LISTS:
        return splitter.items(sentence)
    if section == "trigger":
        return [splitter.trigger(sentence) or sentence]
    return splitter.actions(sentence) if section == "features" else [sentence]


def _early_phrases(guide: Guide) -> dict[str, PhraseSet]:
    """Return, for each topic that an earlier answer can cover, the phrases of its remarks."""
    lists = Lists(guide.answers.lists)
    return {
        topic.name: PhraseSet([phrase for group in topic.covered_by for phrase in group], lists)
        for topic in guide.topics
        if topic.covered_by and topic.section != "steps"
    }
