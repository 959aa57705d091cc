"""Read a conversation: which answer is on which topic, and which of its sentences are content."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.interview import Language, Role
from app.interviewer.answers import AnswerKind
from app.interviewer.content import content_of, sentences_of
from app.interviewer.guide_model import Guide
from app.interviewer.library import LoadedGuide
from app.interviewer.phrases import Lists, PhraseSet, words_of
from app.interviewer.protocol import KnownNames, Turn

PROCESS_CHOICE = "choice"
"""The topic of an answer to `Which one shall we begin with?`"""


_NO_NAMES = KnownNames()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the interviewee.

    number: the sequence number of its message. topic: the topic that it was asked about, or "" if none was recognized.
    sentences: those with content. process: the process that the question was about, if it named one.
    is_follow_up: whether the question asked for more on the topic of the answer before. known: the names known in the
    organization that it has.
    """

    number: int
    topic: str
    kind: AnswerKind
    sentences: tuple[str, ...]
    items: tuple[str, ...]
    process: str | None
    is_follow_up: bool
    known: KnownNames = _NO_NAMES


class ConversationReader:
    """Reads conversations in any of a guide's languages: the language of an interview can change."""

    def __init__(self, guide: LoadedGuide) -> None:
        self._classifier, self._coverage = guide.classifier, guide.coverage
        self._guides: Sequence[Guide] = tuple(guide.languages.values())
        first = self._guides[0]
        self._listing_topics = first.find_topics("role", "processes") if first.process_topic else frozenset()
        self._cues = [
            (topic.name, PhraseSet(topic.asked_by, Lists(guide.answers.lists)))
            for guide in self._guides
            for topic in guide.topics
        ]

    def read(self, messages: Sequence[Turn], language: Language, known: Sequence[KnownNames] = ()) -> Iterator[Answer]:
        """Yield the answers. language: that of the interview. known: the known names of each answer, if any."""
        question, topic, process = "", "", None
        known_names = iter(known)
        for number, message in enumerate(messages, start=1):
            if message.role is Role.ASSISTANT:
                question = message.content
                continue
            names = next(known_names, _NO_NAMES)
            asked = self._find_topic(question)
            is_follow_up = asked == topic
            topic = asked or (topic if self._confirms(question) else "")
            process = self._find_process(question) or process
            classification = self._classifier.classify(message.content, language)
            sentences = content_of(message.content, self._classifier, language)
            items = classification.items or self._split_process_list(message.content, topic)
            yield Answer(
                number=number,
                topic=topic,
                kind=classification.kind,
                sentences=sentences,
                items=() if self._coverage.names_process(sentences, topic) else items,
                process=process,
                is_follow_up=is_follow_up,
                known=names if sentences else _NO_NAMES,
            )

    def _find_topic(self, question: str) -> str:
        """Return the topic of a question: by the texts of the guides, or else by its words."""
        for guide in self._guides:
            if _fills(guide.reactions.choose, question) is not None:
                return PROCESS_CHOICE
            for topic in guide.topics:
                texts = (topic.question, topic.more, topic.explanation, topic.example)
                if question.endswith(texts) or (topic.others and _fills(topic.others, question) is not None):
                    return topic.name
        if self._confirms(question):
            return ""
        # The last sentence asks; the ones before react to the last answer.
        words = words_of((sentences_of(question) or ("",))[-1])
        return next((name for name, cues in reversed(self._cues) if cues.occurs_in(words)), "")

    def _confirms(self, question: str) -> bool:
        return any(question == guide.reactions.confirm_stop for guide in self._guides)

    def _find_process(self, question: str) -> str | None:
        """Return the process in a string such as `Let us look at returns now. What sets it off?`"""
        for guide in self._guides:
            for topic in guide.topics:
                found = _fills(f"{guide.reactions.begin_process} {topic.question}", question)
                if found:
                    return found
        return None

    def _split_process_list(self, answer: str, topic: str) -> tuple[str, ...]:
        return self._classifier.split_items(answer) if topic in self._listing_topics else ()


def _fills(template: str, text: str) -> str | None:
    """Return the part of `text` in place of the placeholder of `template`, or None if it does not match."""
    before, _, rest = template.partition("{")
    after = rest.partition("}")[2]
    if len(text) > len(before) + len(after) and text.startswith(before) and text.endswith(after):
        return text[len(before) : len(text) - len(after)]
    return None
