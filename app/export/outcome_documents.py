"""Render an outcome as JSON, Markdown (CommonMark) and comma-separated values (RFC 4180)."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from io import StringIO
from typing import Any

from app.domain.interview import Language
from app.export.escaping import escape_formula, escape_text
from app.export.flowchart import render_mermaid
from app.export.messages import parse_messages
from app.interviewer.guide import OutcomeLines, load_guide
from app.interviewer.protocol import Turn
from app.outcome.assemble import get_assembler
from app.outcome.document import Item, Outcome, Step
from app.use_cases.export_interview import Export

COLUMNS = ("section", "number", "process", "text", "messages")

_FINDINGS = (
    "role", "processes", "trigger", "steps", "inputs", "outputs", "systems", "people", "exceptions", "volumes", "pains",
    "wishes",
)  # fmt: skip


def find_outcome(export: Export) -> Outcome:
    """Return the outcome of an exported interview."""
    messages = [Turn(message.role, message.content) for message in parse_messages(export)]
    return get_assembler().assemble(messages, Language(export.language))


def outcome_json(export: Export) -> dict[str, Any]:
    """Return the outcome of an exported interview as JSON values.

    `flowchart` is Mermaid, or None without steps.
    """
    outcome = find_outcome(export)
    flowchart = render_mermaid(outcome, Language(export.language)) if outcome.steps else None
    return {**asdict(outcome), "flowchart": flowchart}


def render_outcome_markdown(outcome: Outcome, language: Language, heading: str = "#") -> str:
    """Return the outcome as a document in the language. Markup in what was said is escaped.

    heading: the level of the document's title.
    """
    lines = load_guide(language).outcome
    parts = [f"{heading} {lines.title}"]
    for section in (*_FINDINGS, "open_points"):
        items = getattr(outcome, section)
        if section == "open_points" and not items:
            continue
        body = _list(items, lines) if items else lines.nothing
        parts.append(f"{heading}# {lines.sections[section]}\n\n{body}")
    if outcome.steps:
        parts.append(f"{heading}# {lines.flowchart}\n\n```mermaid\n{render_mermaid(outcome, language)}```")
    if outcome.user_stories:
        parts.append(f"{heading}# {lines.sections['user_stories']}\n\n{_stories(outcome, lines)}")
    return "\n\n".join(parts) + "\n"


def render_outcome_csv(outcome: Outcome, language: Language) -> str:  # noqa: ARG001 - as the other renderers
    """Return a header line and one record per item, story and acceptance criterion. Formulas are escaped."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([escape_formula(cell) for cell in row] for row in _rows(outcome))
    return text.getvalue()


def _rows(outcome: Outcome) -> Iterator[tuple[str, str, str, str, str]]:
    for section in (*_FINDINGS, "open_points"):
        for number, item in enumerate(getattr(outcome, section), start=1):
            if isinstance(item, Step):
                yield section, str(item.number), item.process or "", item.text, _numbers(item.messages, " ")
            else:
                yield section, str(number), "", item.text, _numbers(item.messages, " ")
    for number, story in enumerate(outcome.user_stories, start=1):
        yield "user_stories", str(number), "", story.text, _numbers(story.messages, " ")
        for criterion in story.acceptance_criteria:
            yield "acceptance_criteria", str(number), "", criterion, ""


def _list(items: Iterable[Item | Step], lines: OutcomeLines) -> str:
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
