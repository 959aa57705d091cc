"""The rubric: what makes an interview good, as shares from 0 to 1 that are counted in its transcript."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.domain.interview import Language, Role
from app.interviewer.guide import load_phrases
from app.interviewer.library import LoadedGuide
from app.interviewer.phrases import count_words, split_sentences, words_of
from app.interviewer.protocol import Conversation, Turn
from app.outcome.assemble import get_assembler

MAX_SENTENCES = 6
"""A longer question is a speech."""
MAX_QUOTED_WORDS = 7
"""Words of the last answer in a row. More are a repetition of the answer."""
MIN_WORDS = 4
"""An answer with fewer words has nothing to take up."""
_MIN_LETTERS = 4
_THANKS = {Language.EN: ("thank",), Language.ES: ("gracias", "agrade"), Language.PT: ("obrigad", "agrade")}


@dataclass(frozen=True, slots=True)
class Transcript:
    """One interview. messages: all in order. is_ended: whether the interviewer ended it."""

    guide: LoadedGuide
    language: Language
    messages: Sequence[Turn]
    is_ended: bool

    @property
    def questions(self) -> Sequence[str]:
        """The messages of the interviewer, in order."""
        return [turn.content for turn in self.messages if turn.role is Role.ASSISTANT]


def coverage(transcript: Transcript) -> float:
    """Return the share of the guide's topics that the answers say something on."""
    outcome = get_assembler(transcript.guide).assemble(Conversation(transcript.language, transcript.messages, ""))
    topics = len(transcript.guide.texts(transcript.language).topics)
    return 1 - len(outcome.open_points) / topics


def follow_ups(transcript: Transcript) -> float:
    """Return the share of answers after which the question has a word of the answer that no question had before."""
    counted = list(_take_up(transcript))
    return sum(counted) / len(counted) if counted else 0


def _take_up(transcript: Transcript) -> Iterator[bool]:
    small = load_phrases(transcript.language).common_words
    asked: set[str] = set()
    for turn, following in pairwise(transcript.messages):
        if turn.role is Role.ASSISTANT:
            asked |= set(words_of(turn.content))
        elif count_words(turn.content) >= MIN_WORDS:
            new = {word for word in words_of(turn.content) if len(word) >= _MIN_LETTERS} - asked - set(small)
            yield not new.isdisjoint(words_of(following.content))


def without_repeats(transcript: Transcript) -> float:
    """Return the share of questions that were not asked in the same words before."""
    questions = [words_of(split_sentences(question)[-1]) for question in transcript.questions]
    return len(set(questions)) / len(questions)


def politeness(transcript: Transcript) -> float:
    """Return the share of messages that are short, ask, and do not repeat the answer. The last one gives thanks."""
    before: str = ""
    polite = 0
    for index, turn in enumerate(transcript.messages):
        if turn.role is Role.USER:
            before = turn.content
            continue
        is_closing = transcript.is_ended and index == len(transcript.messages) - 1
        asks = _thanks(turn.content, transcript.language) if is_closing else "?" in turn.content
        is_short = len(split_sentences(turn.content)) <= MAX_SENTENCES
        polite += asks and (is_closing or is_short) and not _repeats(turn.content, before)
    return polite / len(transcript.questions)


def _thanks(text: str, language: Language) -> bool:
    return any(thanks in text.lower() for thanks in _THANKS[language])


def _repeats(question: str, answer: str) -> bool:
    """Return whether the question has a long part of the answer."""
    words, asked = words_of(answer), f" {' '.join(words_of(question))} "
    length = MAX_QUOTED_WORDS + 1
    return any(f" {' '.join(words[start : start + length])} " in asked for start in range(len(words) - length + 1))


RUBRIC: dict[str, Callable[[Transcript], float]] = {
    "Topics": coverage,
    "Follow-ups": follow_ups,
    "No repeats": without_repeats,
    "Politeness": politeness,
}
"""The criteria of a whole interview. `Stops` is counted in `interviews.py`, because it needs the interviewer."""
