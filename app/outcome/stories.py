"""Write wishes, features and pains as user stories. They are quoted, never reworded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.interviewer.guide_model import Guide, Section
from app.outcome.answers import Answer
from app.outcome.document import Item, UserStory
from app.outcome.splitting import Splitter


class StoryWriter:
    """Writes the stories of interviews that follow one guide in one language."""

    def __init__(self, guide: Guide, splitter: Splitter, sections: Mapping[str, Section | None]) -> None:
        """sections: the section that each topic fills."""
        self._lines = guide.outcome
        self._splitter = splitter
        self._sections = sections

    def write(
        self, answers: Iterable[Answer], features: Sequence[Item], pains: Sequence[Item], role: Sequence[Item]
    ) -> Iterator[UserStory]:
        """Yield a story for each wish and each feature, or for each pain without them.

        The acceptance criteria are the answers to `What would be different for you afterwards?`, and the pains.
        """
        lines, splitter = self._lines, self._splitter
        name = next((_lower(name) for item in role if (name := splitter.role_in(item.text))), lines.someone)
        wishes = [answer for answer in answers if self._sections.get(answer.topic) == "wishes" and answer.sentences]
        solved = [(lines.criterion.format(pain=_quote(pain.text)), pain.messages) for pain in pains]
        if not wishes and not features:
            for pain, (criterion, _) in zip(pains, solved, strict=True):
                text = lines.solve.format(role=name, pain=_quote(pain.text))
                yield UserStory(text, (criterion,), tuple(sorted({*pain.messages, *_numbers(role[:1])})))
            return
        effects = [
            (sentence, (answer.number,)) for answer in wishes if answer.is_follow_up for sentence in answer.sentences
        ]
        first = [answer for answer in wishes if not answer.is_follow_up] or wishes
        wanted = [Item(splitter.without_lead_in(" ".join(answer.sentences)), (answer.number,)) for answer in first]
        wanted += features
        for index, wish in enumerate(wanted):
            criteria = [] if index else [*effects, *solved]
            text = lines.story.format(role=name, wish=_quote(wish.text))
            sources = {*wish.messages, *_numbers(role[:1]), *(number for _, those in criteria for number in those)}
            yield UserStory(text, tuple(criterion for criterion, _ in criteria), tuple(sorted(sources)))


def _numbers(items: Iterable[Item]) -> set[int]:
    return {number for item in items for number in item.messages}


def _quote(text: str) -> str:
    return text.strip().rstrip(".")


def _lower(text: str) -> str:
    """Return the text as it continues a sentence, unless it begins with an abbreviation or a name."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
