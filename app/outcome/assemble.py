"""Assemble the outcome of an interview from its messages."""

from collections.abc import Iterable, Sequence
from functools import cache

from app.domain.interview import Language
from app.interviewer.answers import AnswerKind, load_classifier
from app.interviewer.guide import Guide, load_guide
from app.interviewer.phrases import Lists, PhraseSet, words_of
from app.interviewer.protocol import Turn
from app.outcome.answers import PROCESS_CHOICE, Answer, ConversationReader
from app.outcome.document import Item, Outcome, Step
from app.outcome.splitting import Splitter
from app.outcome.stories import write_stories

_SECTIONS = {
    "role": "role",
    "trigger": "trigger",
    "inputs": "inputs",
    "outputs": "outputs",
    "people": "people",
    "exceptions": "exceptions",
    "frequency": "volumes",
    "pain": "pains",
    "improvement": "wishes",
}
"""The section of each topic of the guide. Steps, systems and processes have rules of their own."""

_LISTS = {"inputs": 7, "people": 4}
"""Topics whose answers are lists, with the most words of an item. A longer part is a clause of its sentence."""


class Assembler:
    """Assembles outcomes. Created once, because it loads the guides."""

    def __init__(self) -> None:
        """Load all guides. Raises InvalidGuide."""
        self._guides = {language: load_guide(language) for language in Language}
        self._classifier = load_classifier()
        self._reader = ConversationReader(self._classifier, tuple(self._guides.values()))
        self._splitters = {language: Splitter(guide) for language, guide in self._guides.items()}
        self._early = {language: _early_phrases(guide) for language, guide in self._guides.items()}

    def assemble(self, messages: Sequence[Turn], language: Language) -> Outcome:
        """Return the outcome of the conversation.

        messages: all messages in order. language: that of the interview; its guide splits the answers and names the
        open points.
        """
        guide, splitter = self._guides[language], self._splitters[language]
        answers = list(self._reader.read(messages, language))
        found = {section: list[Item]() for section in _SECTIONS.values()}
        for answer in answers:
            for topic, sentences in self._topics_of(answer, language):
                if topic in _SECTIONS:
                    texts = (
                        part for each in sentences for part in (splitter.items(each) if topic in _LISTS else [each])
                    )
                    found[_SECTIONS[topic]] += [Item(text, (answer.number,)) for text in texts]
        sections = {section: _merge(items) for section, items in found.items()}
        return Outcome(
            **sections,
            processes=_merge(self._processes(answers, language)),
            steps=tuple(self._steps(answers, language)),
            systems=self._systems(answers, language),
            open_points=tuple(_open_points(answers, guide, self._covered(answers, language))),
            user_stories=tuple(write_stories(answers, sections["pains"], sections["role"], guide, splitter)),
        )

    def _topics_of(self, answer: Answer, language: Language) -> Iterable[tuple[str, Sequence[str]]]:
        """Yield the topics that the answer is on, each with its sentences: the one asked about, and early remarks."""
        if answer.sentences:
            yield answer.topic, answer.sentences
        for topic, phrases in self._early[language].items():
            if topic != answer.topic and topic in self._classifier.find_covered(" ".join(answer.sentences)):
                sentences = [each for each in answer.sentences if phrases.occurs_in(words_of(each))]
                if sentences:
                    yield topic, sentences

    def _processes(self, answers: Iterable[Answer], language: Language) -> Iterable[Item]:
        """Yield the processes: those that an answer lists, and what is said of the process and on no other topic."""
        for answer in answers:
            if answer.items:
                yield from (Item(text[:1].upper() + text[1:], (answer.number,)) for text in answer.items)
            elif answer.topic == "process":
                on_others = {
                    each for topic, those in self._topics_of(answer, language) if topic != "process" for each in those
                }
                yield from (Item(each, (answer.number,)) for each in answer.sentences if each not in on_others)

    def _steps(self, answers: Iterable[Answer], language: Language) -> Iterable[Step]:
        splitter = self._splitters[language]
        numbers: dict[str | None, int] = {}
        for answer in answers:
            sentences: Sequence[str] = ()
            if answer.topic == "steps":
                sentences = answer.sentences
            elif "steps" in self._classifier.find_covered(" ".join(answer.sentences)):
                marked = [index for index, each in enumerate(answer.sentences) if splitter.has_markers(each)]
                if marked:
                    sentences = answer.sentences[marked[0] : marked[-1] + 1]
            for text in (step for each in sentences for step in splitter.steps(each)):
                numbers[answer.process] = number = numbers.get(answer.process, 0) + 1
                yield Step(number, text, answer.process, (answer.number,))

    def _systems(self, answers: Iterable[Answer], language: Language) -> tuple[Item, ...]:
        """Return the systems: the items of answers on systems, and known systems that other answers name."""
        splitter = self._splitters[language]
        items: list[Item] = []
        for answer in answers:
            for sentence in answer.sentences:
                names = self._classifier.find_systems(sentence)
                if answer.topic == "systems":
                    items += [Item(text, (answer.number,)) for text in splitter.items(sentence)]
                else:
                    items += [Item(name, (answer.number,)) for name in names]
        return _merge_systems(items)

    def _covered(self, answers: Iterable[Answer], language: Language) -> set[str]:
        topics = {topic for answer in answers for topic, _ in self._topics_of(answer, language)}
        early = {name for answer in answers for name in self._classifier.find_covered(" ".join(answer.sentences))}
        named = {"process"} if any(answer.items or answer.topic == PROCESS_CHOICE for answer in answers) else set()
        return topics | early | named


@cache
def get_assembler() -> Assembler:
    """Return the assembler of this process. Raises InvalidGuide."""
    return Assembler()


def _early_phrases(guide: Guide) -> dict[str, PhraseSet]:
    """Return, for each topic that an earlier answer can cover, the phrases of its remarks."""
    lists = Lists(guide.answers.lists)
    return {
        topic.name: PhraseSet([phrase for group in topic.covered_by for phrase in group], lists)
        for topic in guide.topics
        if topic.covered_by and topic.name != "steps"
    }


def _open_points(answers: Sequence[Answer], guide: Guide, covered: set[str]) -> Iterable[Item]:
    """Yield the topics without an answer, with the messages that refuse one or do not know it."""
    lines = guide.outcome
    for topic in guide.topics:
        if topic.name in covered:
            continue
        asked = [answer for answer in answers if answer.topic == topic.name]
        kinds = {answer.kind for answer in asked}
        line = lines.not_asked
        if AnswerKind.DECLINES in kinds:
            line = lines.not_answered
        elif AnswerKind.UNKNOWN in kinds:
            line = lines.not_known
        elif asked:
            line = lines.not_discussed
        label = topic.label[:1].upper() + topic.label[1:]
        yield Item(line.format(topic=label), tuple(answer.number for answer in asked))


def _merge(items: Iterable[Item]) -> tuple[Item, ...]:
    """Return the items in order, with those of the same words as one."""
    merged: dict[tuple[str, ...], Item] = {}
    for item in items:
        words = words_of(item.text)
        earlier = merged.get(words)
        numbers = {*(earlier.messages if earlier else ()), *item.messages}
        merged[words] = Item(earlier.text if earlier else item.text, tuple(sorted(numbers)))
    return tuple(merged.values())


def _merge_systems(items: Iterable[Item]) -> tuple[Item, ...]:
    """Like `_merge`, and leave out a name if another item contains it: `Excel` beside `an Excel sheet of prices`."""
    merged = _merge(items)
    kept: list[Item] = []
    for item in sorted(merged, key=lambda item: -len(words_of(item.text))):
        words = words_of(item.text)
        for index, longer in enumerate(kept):
            if _contains(_singular(words_of(longer.text)), _singular(words)):
                kept[index] = Item(longer.text, tuple(sorted({*longer.messages, *item.messages})))
                break
        else:
            kept.append(item)
    order = {item.text: index for index, item in enumerate(merged)}
    return tuple(sorted(kept, key=lambda item: order[item.text]))


def _singular(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.removesuffix("s") for word in words)


def _contains(words: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(words[start : start + len(part)] == part for start in range(len(words) - len(part) + 1))
