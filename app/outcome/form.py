"""The form in which an interviewer states the findings of an interview, and the outcome that they make.

The form has the sections of the outcome document. An item that quotes no answer is dropped.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, Field, create_model

from app.domain.interview import Language
from app.interviewer.library import LoadedGuide
from app.interviewer.protocol import Turn
from app.outcome.document import Item, OtherItem, Outcome, Step
from app.outcome.merging import merge, merge_names
from app.outcome.quotes import Quotes

_MAX_ITEMS = 100
"""In each section. More are invalid."""

_Text = Annotated[str, Field(min_length=1, max_length=1000)]
_Messages = Annotated[list[int], Field(max_length=50)]


class Finding(BaseModel):
    """One finding. text: a quote of the interviewee. messages: the numbers of the messages that it quotes."""

    text: _Text
    messages: _Messages


class StepFinding(Finding):
    """One step. process: the name of its process if the interview is on several."""

    process: _Text | None = None


class OtherFinding(Finding):
    """One finding on a topic that fills no section. topic: its name in the guide."""

    topic: _Text


_LISTS: dict[str, Any] = {"steps": list[StepFinding], "other_topics": list[OtherFinding]}


@cache
def create_form(guide: LoadedGuide, language: Language) -> type[BaseModel]:
    """Return the form of the interviews that follow the guide: the sections that its topics fill, with headings."""
    texts = guide.texts(language)
    headings = {topic.section: texts.outcome.sections[topic.section] for topic in texts.topics if topic.section}
    others = [f"{topic.name}: {topic.label}" for topic in texts.topics if topic.section is None]
    fields: dict[str, Any] = {name: _field(name, heading) for name, heading in headings.items()}
    if others:
        fields["other_topics"] = _field("other_topics", "; ".join(others))
    return create_model("Findings", **fields)


def _field(name: str, heading: str) -> tuple[Any, Any]:
    items = _LISTS.get(name, list[Finding])
    return items, Field(default_factory=list, max_length=_MAX_ITEMS, description=heading)


def read_findings(findings: BaseModel, guide: LoadedGuide, messages: Sequence[Turn]) -> tuple[Outcome, int]:
    """Return the outcome of the findings that quote an answer, and the number of the others.

    findings: values of the form of the guide. messages: all messages in order.
    """
    quotes = Quotes(messages)
    topics = {topic.name for topic in next(iter(guide.languages.values())).topics if topic.section is None}
    sections: dict[str, Any] = {}
    total = kept = 0
    for name in type(findings).model_fields:
        values: list[Finding] = getattr(findings, name)
        quoted = [(value, item) for value in values if (item := quotes.find(value.text, value.messages))]
        if name == "other_topics":
            quoted = [(value, item) for value, item in quoted if getattr(value, "topic", "") in topics]
        total, kept = total + len(values), kept + len(quoted)
        sections[name] = tuple(_section(name, quoted, quotes))
    return Outcome(**sections), total - kept


def _section(
    name: str, quoted: Sequence[tuple[Finding, Item]], quotes: Quotes
) -> Iterable[Item] | Iterable[Step] | Iterable[OtherItem]:
    if name == "steps":
        return _steps(quoted, quotes)
    if name == "other_topics":
        return [OtherItem(getattr(value, "topic", ""), item.text, item.messages) for value, item in quoted]
    items = [item for _, item in quoted]
    return merge_names(items) if name == "systems" else merge(items)


def _steps(quoted: Iterable[tuple[Finding, Item]], quotes: Quotes) -> Iterator[Step]:
    """Yield the steps, each process after the other. A process that the interviewee did not name is left out."""
    by_process: dict[str | None, list[Item]] = {}
    for value, item in quoted:
        process = getattr(value, "process", None)
        by_process.setdefault(quotes.find_anywhere(process) if process else None, []).append(item)
    for process, items in by_process.items():
        for number, item in enumerate(merge(items), start=1):
            yield Step(number, item.text, process if len(by_process) > 1 else None, item.messages)
