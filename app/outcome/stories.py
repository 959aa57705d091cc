"""Write wishes, features and pains as user stories. They are quoted, never reworded."""

from collections.abc import Iterable, Iterator, Sequence

from app.interviewer.guide_model import Guide
from app.outcome.document import Item, Outcome, UserStory
from app.outcome.splitting import Splitter


class StoryWriter:
    """Writes the stories of interviews that follow one guide in one language."""

    def __init__(self, guide: Guide, splitter: Splitter) -> None:
        self._lines = guide.outcome
        self._splitter = splitter

    def write(self, findings: Outcome, wishes: Sequence[Item], effects: Sequence[Item]) -> Iterator[UserStory]:
        """Yield a story for each wish and each feature, or for each pain without them.

        findings: what the interview resulted in. wishes: each is one story. effects: what would be different
        afterwards. They and the pains are the acceptance criteria.
        """
        lines, splitter, role = self._lines, self._splitter, findings.role
        name = next((_lower(name) for item in role if (name := splitter.role_in(item.text))), lines.someone)
        pains = findings.pains
        solved = [Item(lines.criterion.format(pain=_quote(pain.text)), pain.messages) for pain in pains]
        wanted = [Item(splitter.without_lead_in(wish.text), wish.messages) for wish in wishes]
        wanted += findings.features
        if not wanted:
            for pain, criterion in zip(pains, solved, strict=True):
                text = lines.solve.format(role=name, pain=_quote(pain.text))
                sources = tuple(sorted({*pain.messages, *_numbers(role[:1])}))
                yield UserStory(text, (criterion.text,), sources)
            return
        for index, wish in enumerate(wanted):
            criteria = [] if index else [*effects, *solved]
            text = lines.story.format(role=name, wish=_quote(wish.text))
            sources = tuple(sorted({*wish.messages, *_numbers(role[:1]), *_numbers(criteria)}))
            yield UserStory(text, tuple(criterion.text for criterion in criteria), sources)


def _numbers(items: Iterable[Item]) -> set[int]:
    return {number for item in items for number in item.messages}


def _quote(text: str) -> str:
    return text.strip().rstrip(".")


def _lower(text: str) -> str:
    """Return the text as it continues a sentence, unless it begins with an abbreviation or a name."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
