"""Write wishes and pains as user stories. Wishes and pains are quoted, never reworded."""

from collections.abc import Iterable, Iterator, Sequence

from app.interviewer.guide import Guide
from app.outcome.answers import Answer
from app.outcome.document import Item, UserStory
from app.outcome.splitting import Splitter


def write_stories(
    answers: Iterable[Answer], pains: Sequence[Item], role: Sequence[Item], guide: Guide, splitter: Splitter
) -> Iterator[UserStory]:
    """Yield a story for each wish, or for each pain if there is no wish.

    The acceptance criteria are the answers to `What would be different for you afterwards?`, and the pains.
    """
    lines = guide.outcome
    name = next((_lower(name) for item in role if (name := splitter.role_in(item.text))), lines.someone)
    wishes = [answer for answer in answers if answer.topic == "improvement" and answer.sentences]
    solved = [(lines.criterion.format(pain=_quote(pain.text)), pain.messages) for pain in pains]
    if not wishes:
        for pain, (criterion, _) in zip(pains, solved, strict=True):
            text = lines.solve.format(role=name, pain=_quote(pain.text))
            yield UserStory(text, (criterion,), tuple(sorted({*pain.messages, *_numbers(role[:1])})))
        return
    effects = [
        (sentence, (answer.number,)) for answer in wishes if answer.is_follow_up for sentence in answer.sentences
    ]
    first = [answer for answer in wishes if not answer.is_follow_up] or wishes
    for answer in first:
        criteria = [*effects, *solved] if answer is first[0] else []
        text = lines.story.format(role=name, wish=_quote(splitter.without_lead_in(" ".join(answer.sentences))))
        sources = {answer.number, *_numbers(role[:1]), *(number for _, numbers in criteria for number in numbers)}
        yield UserStory(text, tuple(criterion for criterion, _ in criteria), tuple(sorted(sources)))


def _numbers(items: Iterable[Item]) -> set[int]:
    return {number for item in items for number in item.messages}


def _quote(text: str) -> str:
    return text.strip().rstrip(".")


def _lower(text: str) -> str:
    """Return the text as it continues a sentence, unless it begins with an abbreviation or a name."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
