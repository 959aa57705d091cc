"""Find what stayed open in an interview."""

from collections.abc import Iterable, Sequence

from app.interviewer.answers import AnswerKind
from app.interviewer.guide_model import Guide
from app.outcome.answers import Answer
from app.outcome.document import Item


def find_open_points(answers: Sequence[Answer], guide: Guide, covered: set[str]) -> Iterable[Item]:
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
