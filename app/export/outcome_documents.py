"""Render an outcome as JSON, Markdown (CommonMark) and comma-separated values (RFC 4180)."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from io import StringIO
from typing import Any, get_args

from app.domain.interview import Language
from app.export.escaping import escape_formula, escape_text
from app.export.flowchart import render_mermaid
from app.export.messages import parse_messages
from app.interviewer.guide_model import Guide, OutcomeLines, Section
from app.interviewer.protocol import Conversation, Turn
from app.outcome.document import Item, OtherItem, Outcome, Step
from app.use_cases.export_interview import Export

COLUMNS = ("section", "number", "process", "text", "messages")


def read_conversation(export: Export) -> Conversation:
    """Return the messages of an exported interview as an interviewer reads them, without the name of the person."""
    messages = tuple(Turn(message.role, message.content) for message in parse_messages(export))
    return Conversation(Language(export.language), messages, "", export.guide)


def outcome_json(outcome: Outcome, guide: Guide) -> dict[str, Any]:
    """Return the outcome as values that pydantic serializes to JSON. `flowchart` is Mermaid, or None without steps."""
    flowchart = render_mermaid(outcome, guide) if outcome.steps else None
    return {**{field.name: getattr(outcome, field.name) for field in fields(outcome)}, "flowchart": flowchart}


def render_outcome_markdown(outcome: Outcome, guide: Guide, heading: str = "#") -> str:
    """Return the outcome as a document in the language of the guide, in the order of its topics.

    Markup in what was said is escaped. heading: the level of the document's title.
    """
    lines = guide.outcome
    parts = [f"{heading} {lines.title}"]
    for title, items in _sections(outcome, guide):
        parts.append(f"{heading}# {title}\n\n{_list(items, lines) if items else lines.nothing}")
    if outcome.steps:
        parts.append(f"{heading}# {lines.flowchart}\n\n```mermaid\n{render_mermaid(outcome, guide)}```")
    if outcome.user_stories:
        parts.append(f"{heading}# {lines.sections['user_stories']}\n\n{_stories(outcome, lines)}")
    return "\n\n".join(parts) + "\n"


def _sections(outcome: Outcome, guide: Guide) -> Iterator[tuple[str, Sequence[Item | Step | OtherItem]]]:
    """Yield the title and items of each section: those of the guide, others with items, and the open points."""
    titles = guide.outcome.sections
    shown: list[str] = []
    for topic in guide.topics:
        if topic.section is None:
            items = [item for item in outcome.other_topics if item.topic == topic.name]
            yield topic.label[:1].upper() + topic.label[1:], items
        elif topic.section not in shown:
            shown.append(topic.section)
            yield titles[topic.section], getattr(outcome, topic.section)
    for section in (*get_args(Section), "open_points"):
        items = getattr(outcome, section)
        if section not in shown and items:
            yield titles[section], items


def render_outcome_csv(outcome: Outcome, guide: Guide) -> str:  # noqa: ARG001 - as the other renderers
    """Return a header line and one record per item, story and acceptance criterion. Formulas are escaped."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([escape_formula(cell) for cell in row] for row in _rows(outcome))
    return text.getvalue()


def _rows(outcome: Outcome) -> Iterator[tuple[str, str, str, str, str]]:
    for section in (*get_args(Section), "other_topics", "open_points"):
        for number, item in enumerate(getattr(outcome, section), start=1):
            if isinstance(item, Step):
                yield section, str(item.number), item.process or "", item.text, _numbers(item.messages, " ")
            else:
                name = item.topic if isinstance(item, OtherItem) else section
                yield name, str(number), "", item.text, _numbers(item.messages, " ")
    for number, story in enumerate(outcome.user_stories, start=1):
        yield "user_stories", str(number), "", story.text, _numbers(story.messages, " ")
        for criterion in story.acceptance_criteria:
            yield "acceptance_criteria", str(number), "", criterion, ""


def _list(items: Iterable[Item | Step | OtherItem], lines: OutcomeLines) -> str:
    """Return a list, numbered if it consists of steps."""
    entries: list[str] = []
    process = None
    for item in items:
        text = _indent(escape_text(item.text))
        if isinstance(item, Step):
            if item.process != process:
                process = item.process
                entries.append(f"\n{lines.process}: {escape_text(process or '—')}\n")
            entries.append(f"{item.number}. {text}{_source(item.messages, lines)}")
        else:
            entries.append(f"- {text}{_source(item.messages, lines)}")
    return "\n".join(entries).strip()


def _stories(outcome: Outcome, lines: OutcomeLines) -> str:
    stories: list[str] = []
    for story in outcome.user_stories:
        text = f"- {_indent(escape_text(story.text))}{_source(story.messages, lines)}"
        if story.acceptance_criteria:
            text += f"\n  - {lines.criteria}:"
            text += "".join(f"\n    - {_indent(escape_text(each))}" for each in story.acceptance_criteria)
        stories.append(text)
    return "\n".join(stories)


def _source(messages: tuple[int, ...], lines: OutcomeLines) -> str:
    word = lines.message if len(messages) == 1 else lines.messages
    return f" ({word} {_numbers(messages, ', ')})" if messages else ""


def _numbers(messages: tuple[int, ...], separator: str) -> str:
    return separator.join(map(str, messages))


def _indent(text: str) -> str:
    return text.replace("\n", "\n  ")
