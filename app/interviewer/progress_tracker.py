"""Compute the progress of an interview from its answers.

The guide keeps no state: it replays the answers each time, so the progress is the same in every worker, after every
restart and in every language.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from app.interviewer.answers import CACHED_ANSWERS, AnswerKind, Classification
from app.interviewer.content import content_of, sentences_of
from app.interviewer.guide_model import Guide
from app.interviewer.library import LoadedGuide
from app.interviewer.limits import QuestionLimits
from app.interviewer.phrases import count_words, words_of
from app.interviewer.progress import Asking, Progress, Reaction

_MAX_EXAMPLES = 3
_LONG_ANSWER = 15
"""Words. A longer answer that may wish to stop is also an answer to the question."""


class ProgressTracker:
    """Replays the answers of an interview. A guide has the same topics in every language, so the result has them, too.

    Only a guide with `further_process` asks which of several processes to begin with.
    """

    def __init__(self, loaded: LoadedGuide, guide: Guide, limits: QuestionLimits) -> None:
        """loaded: the guide. guide: its texts in the language of the interview."""
        self.advance = lru_cache(CACHED_ANSWERS)(self._advance)  # each turn replays the earlier answers
        self._classifier = loaded.classifier
        self._coverage = loaded.coverage
        self._guide = guide
        self._limits = limits
        self._topics = {topic.name: topic for topic in guide.topics}
        self._process_topic = guide.process_topic.name if guide.process_topic and guide.further_process else ""
        self._listing_topics = guide.find_topics("role", "processes") if self._process_topic else frozenset()

    def replay(self, answers: Iterable[str]) -> Progress:
        """Return the progress after the answers."""
        progress = Progress(tuple(self._topics))
        for answer in answers:
            progress = self.advance(progress, answer)
        return progress

    def _advance(self, before: Progress, answer: str) -> Progress:
        """Return the progress after one more answer. A finished interview stays finished."""
        if before.is_final:
            return before
        classification = self._classifier.classify(answer, self._guide.language)
        # The next progress counts the question that follows, so handlers only say what it asks for.
        progress = self._mention(replace(before, reaction=Reaction.NONE, language=None), answer)
        after = self._react(progress, answer, classification)
        if after.is_final or before.questions >= self._limits.maximum - 1:
            return replace(after, asking=Asking.NOTHING, questions=before.questions + 1)
        return replace(after, questions=before.questions + 1)

    def _react(self, progress: Progress, answer: str, classification: Classification) -> Progress:
        if classification.kind is AnswerKind.STOP or (
            progress.asking is Asking.STOP and self._classifier.agrees(answer)
        ):
            return replace(progress, asking=Asking.NOTHING, stopped=True)
        if progress.asking is Asking.STOP:
            progress = replace(progress, asking=progress.asked_before)
            if classification.kind in {AnswerKind.UNSURE, AnswerKind.GO_ON, AnswerKind.FILLER, AnswerKind.UNKNOWN} or (
                self._classifier.refuses(answer)
            ):
                return replace(progress, reaction=Reaction.GO_ON)
        if classification.kind is AnswerKind.UNSURE:
            return self._ask_to_stop(progress, answer)
        if progress.asking is Asking.WHICH_PROCESS:
            return self._begin_with(progress, answer)
        if progress.asking is Asking.NEXT_PROCESS:
            return self._begin_next(progress, answer, classification.kind)
        return self._react_to_topic(progress, answer, classification)

    def _ask_to_stop(self, progress: Progress, answer: str) -> Progress:
        asked_before = progress.asking
        if asked_before not in {Asking.WHICH_PROCESS, Asking.NEXT_PROCESS} and count_words(answer) > _LONG_ANSWER:
            progress = self._cover(progress, answer)
            if progress.is_final:
                return progress
            asked_before = progress.asking
        return replace(progress, asking=Asking.STOP, asked_before=asked_before, reaction=Reaction.NONE)

    def _react_to_topic(self, progress: Progress, answer: str, classification: Classification) -> Progress:
        match classification.kind:
            case AnswerKind.DECLINES:
                return self._leave_open(progress, Reaction.LEFT_OUT)
            case AnswerKind.ALREADY_SAID:
                return self._next_topic(
                    replace(progress, covered=(*progress.covered, progress.topic)), Reaction.ALREADY_SAID
                )
            case AnswerKind.UNKNOWN:
                return self._offer_example(progress)
            case AnswerKind.ASKS_BACK | AnswerKind.OTHER_LANGUAGE:
                return self._explain(progress, classification)
            case AnswerKind.OFF_TOPIC:
                return self._repeat(progress, progress.asking, Reaction.BACK_TO_WORK)
            case AnswerKind.GO_ON:
                return self._repeat(progress, progress.asking, Reaction.GO_ON)
            case AnswerKind.FILLER:
                return self._repeat(progress, Asking.MORE, Reaction.NONE)
            case _:
                return self._take(progress, answer, classification.items)

    def _take(self, progress: Progress, answer: str, items: Sequence[str]) -> Progress:
        """Take the answer as one to the open topic."""
        is_list = not self._coverage.names_process(sentences_of(answer), progress.topic)
        if is_list and not progress.process and progress.topic in self._listing_topics:
            items = items or self._classifier.split_items(answer)
            if len(items) > 1 and self._may_repeat(progress):
                agenda = tuple(name for name in progress.agenda if name not in self._listing_topics)
                named = progress.mentioned | {self._process_topic}
                progress = replace(progress, covered=(*progress.covered, progress.topic), mentioned=named)
                progress = self._note(progress, answer)
                return replace(
                    progress,
                    agenda=(self._process_topic, *agenda),
                    waiting=tuple(items),
                    asking=Asking.WHICH_PROCESS,
                    repeats=0,
                )
        enough = self._topics[progress.topic].enough_words
        if count_words(answer) < enough and progress.repeats == 0 and self._may_repeat(progress):
            return self._repeat(progress, Asking.MORE, Reaction.NONE)
        return self._cover(progress, answer)

    def _mention(self, progress: Progress, answer: str) -> Progress:
        """Note the topics that the answer says something on, with or without a wish to stop."""
        asked = "" if progress.asking in {Asking.WHICH_PROCESS, Asking.NEXT_PROCESS} else progress.topic
        mentioned = self._coverage.find_mentioned(content_of(answer, self._classifier, self._guide.language), asked)
        return replace(progress, mentioned=progress.mentioned | mentioned)

    def _cover(self, progress: Progress, answer: str) -> Progress:
        is_answered = not self._coverage.describes_only_a_process(sentences_of(answer), progress.topic)
        covered = replace(progress, covered=(*progress.covered, progress.topic)) if is_answered else progress
        return self._next_topic(self._note(covered, answer), Reaction.ECHO)

    def _note(self, progress: Progress, answer: str) -> Progress:
        """Note which later topics the answer covers already, so that they are not asked about again."""
        early = self._coverage.find_covered(sentences_of(answer), progress.topic)
        covered = tuple(name for name in progress.agenda[1:] if name in early)
        return progress if progress.is_further else replace(progress, covered=(*progress.covered, *covered))

    def _leave_open(self, progress: Progress, reaction: Reaction) -> Progress:
        return self._next_topic(progress, reaction)

    def _next_topic(self, progress: Progress, reaction: Reaction) -> Progress:
        agenda = self._without_covered(progress)
        return self._open(replace(progress, agenda=agenda, reaction=reaction, repeats=0))

    def _without_covered(self, progress: Progress) -> tuple[str, ...]:
        """Return the topics after the open one that are still to ask.

        A covered topic is among them if the interview would otherwise have fewer questions than the minimum.
        """
        rest = progress.agenda[1:]
        if progress.is_further:
            return rest
        needed = self._limits.minimum - progress.questions
        spare = max(len(rest) - needed, 0)  # the number of topics that may be left out
        covered = [name for name in rest if name in progress.covered][:spare]
        return tuple(name for name in rest if name not in covered)

    def _may_repeat(self, progress: Progress) -> bool:
        """Return whether more questions are left than one for each topic and the closing message."""
        return progress.questions + len(progress.agenda) < self._limits.maximum

    def _open(self, progress: Progress) -> Progress:
        if progress.agenda:
            return replace(progress, asking=Asking.TOPIC)
        if progress.waiting and progress.questions + 3 <= self._limits.maximum:
            return replace(progress, asking=Asking.NEXT_PROCESS, reaction=Reaction.NONE)
        return replace(progress, asking=Asking.NOTHING)

    def _repeat(self, progress: Progress, asking: Asking, reaction: Reaction) -> Progress:
        if progress.repeats or not self._may_repeat(progress):
            return self._leave_open(progress, Reaction.OPEN_POINT)
        return replace(progress, asking=asking, reaction=reaction, repeats=progress.repeats + 1)

    def _offer_example(self, progress: Progress) -> Progress:
        if progress.examples >= _MAX_EXAMPLES or progress.asking is Asking.EXAMPLE:
            return self._leave_open(progress, Reaction.OPEN_POINT)
        return self._repeat(replace(progress, examples=progress.examples + 1), Asking.EXAMPLE, Reaction.NONE)

    def _explain(self, progress: Progress, classification: Classification) -> Progress:
        asking = Asking.EXAMPLE if progress.asking is Asking.EXPLANATION else Asking.EXPLANATION
        if progress.asking is Asking.EXAMPLE or not self._may_repeat(progress):
            return self._leave_open(progress, Reaction.OPEN_POINT)
        reaction = Reaction.OTHER_LANGUAGE if classification.language else Reaction.NONE
        return replace(
            progress, asking=asking, reaction=reaction, repeats=progress.repeats + 1, language=classification.language
        )

    def _begin_with(self, progress: Progress, answer: str) -> Progress:
        """Begin with the process that the answer chooses, or with the first one."""
        ordinal = self._classifier.find_ordinal(answer)
        chosen = (
            progress.waiting[ordinal]
            if ordinal is not None and ordinal < len(progress.waiting)
            else _choose(progress.waiting, answer)
        )
        waiting = tuple(item for item in progress.waiting if item != chosen)
        progress = replace(progress, covered=(*progress.covered, progress.topic), waiting=waiting)
        agenda = self._without_covered(progress)
        return self._open(replace(progress, process=chosen, agenda=agenda, repeats=0, reaction=Reaction.BEGIN_PROCESS))

    def _begin_next(self, progress: Progress, answer: str, kind: AnswerKind) -> Progress:
        """Begin with the next process, or end the interview if the interviewee does not want to."""
        wants = self._classifier.agrees(answer) or (kind is AnswerKind.ANSWER and count_words(answer) > _LONG_ANSWER)
        if not wants or self._classifier.refuses(answer):
            return replace(progress, asking=Asking.NOTHING)
        process, *waiting = progress.waiting
        return replace(
            progress, asking=Asking.TOPIC, process=process, is_further=True, waiting=tuple(waiting), repeats=0,
            agenda=self._guide.further_process[: self._limits.maximum - 1 - progress.questions],
            reaction=Reaction.BEGIN_PROCESS, done=(*progress.done, process),
        )  # fmt: skip


def _choose(items: Sequence[str], answer: str) -> str:
    """Return the item that shares most words with the answer, or the first one."""
    said = set(words_of(answer))
    return max(items, key=lambda item: sum(len(word) for word in said.intersection(words_of(item))))
